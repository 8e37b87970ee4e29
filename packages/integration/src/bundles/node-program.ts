import { install } from '@resnet/kernels';
import '@resnet/kernels/gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/** Installs the kernels and prints the gradient of a convolution of ones. The argument is the folder of tfjs's files. */
async function run(): Promise<void> {
  setWasmPaths(process.argv[2]!);
  await tf.setBackend('wasm');
  const { features } = await install();
  const image = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
  const gradient = tf.grad((filter) => tf.conv2d(image, filter as tf.Tensor4D, 1, 'same'));
  console.log(JSON.stringify({ features, gradient: [...gradient(tf.ones([3, 3, 1, 1])).dataSync()] }));
}

void run();
