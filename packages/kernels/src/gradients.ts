// tfjs-core first: whichever copy of it runs first becomes the engine of the process.
import '@tensorflow/tfjs-core';
// Node loads tfjs-core's CommonJS bundle, which registers no gradients, and can't load the module that does, as that
// imports files without their epilogues. Our build bundles it in here.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
