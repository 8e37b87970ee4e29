import { install, type Kernels } from '@resnet/kernels';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/** All workers that this page has started: tfjs's, then those of the kernels. */
const started: Worker[] = [];
window.Worker = class extends Worker {
  constructor(...parameters: ConstructorParameters<typeof Worker>) {
    super(...parameters);
    started.push(this);
  }
};

let kernels: Kernels;
let ofTfjs = 0;

export async function start(threads: number) {
  setWasmPaths('/');
  await tf.setBackend('wasm');
  ofTfjs = started.length;
  kernels = await install({ threads });
  const { threads: used, features } = kernels;
  return { threads: used, features, workers: started.length - ofTfjs };
}

/** Values, all over, of a convolution that is large enough for threads to share it. */
export function convolve(): number[] {
  return tf.tidy(() => {
    const images = tf.randomUniform<tf.Rank.R4>([4, 32, 32, 16], -1, 1, 'float32', 1);
    const filter = tf.randomUniform<tf.Rank.R4>([3, 3, 16, 16], -1, 1, 'float32', 2);
    const values = tf.conv2d(images, filter, 1, 'same').dataSync();
    return [...values.filter((_, index) => index % 61 === 0)];
  });
}

/** Ends the threads of the kernels, which are not told. */
export function loseThreads(): void {
  for (const worker of started.slice(ofTfjs)) worker.terminate();
}

export function disposeKernels(): void {
  kernels.dispose();
}

export function removeBackend(): void {
  tf.removeBackend('wasm');
}
