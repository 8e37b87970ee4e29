// In a browser's bundle it is the only copy.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
