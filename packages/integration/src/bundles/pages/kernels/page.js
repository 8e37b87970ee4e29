import { install } from '@resnet/kernels';
import '@resnet/kernels/gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/** Installs the kernels, and convolves ones with ones: what is made use of, and what comes out. */
async function useKernels(options) {
  setWasmPaths('/');
  await tf.setBackend('wasm');
  const { features, threads } = await install(options);
  const convolve = (image, filter) => tf.conv2d(image, filter, 1, 'same');
  const ones = [tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 1])];
  const output = [...convolve(...ones).dataSync()];
  const gradients = tf
    .grads(convolve)(ones)
    .map((gradient) => [...gradient.dataSync()]);
  return { features, threads, output, gradients };
}

window.run = (options) => useKernels(options).catch(({ code, message }) => ({ code, message }));
