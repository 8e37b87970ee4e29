import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { type FoldedLayer, foldedNetwork } from './folded.js';
import { images } from './tfjs-images.js';
import { type Task, tfjsWorkload, type Workload } from './workload.js';

/** Inference as fast as plain tfjs can do it: normalization is folded beforehand, bias and ReLU are fused. */
export async function plainImageNet({ network, batchSize, mode }: Task): Promise<Workload> {
  if (mode === 'train') throw new Error(`${network} is not written in plain tfjs for training.`);
  const folded = await foldedNetwork(network);
  await tf.setBackend('wasm');
  const stem = convolution(folded.stem, 'relu');
  const blocks = folded.blocks.map(({ branch, projection }) => {
    const layers = branch.map((layer, index, { length }) =>
      convolution(layer, index < length - 1 ? 'relu' : 'linear'),
    );
    const shortcut = projection ? convolution(projection, 'linear') : (x: tf.Tensor4D) => x;
    return (x: tf.Tensor4D) =>
      tf.relu(
        tf.add<tf.Tensor4D>(
          layers.reduce((current, layer) => layer(current), x),
          shortcut(x),
        ),
      );
  });
  const bias = tf.tensor1d(folded.bias);
  const weight = tf.tensor2d(folded.weight, [folded.weight.length / bias.size, bias.size]);
  const x = images(batchSize, 224);
  return tfjsWorkload(() =>
    tf.tidy(() => {
      const pooled = tf.maxPool(stem(x), 3, 2, 1, 'floor');
      const maps = blocks.reduce((current, block) => block(current), pooled);
      const features = tf.mean<tf.Tensor2D>(maps, [1, 2]);
      return tf.fused.matMul({ a: features, b: weight, bias }).dataSync<'float32'>();
    }),
  );
}

function convolution({ filters, shape, bias, stride, padding }: FoldedLayer, activation: 'relu' | 'linear') {
  const tensors = { filter: tf.tensor4d(filters, shape), bias: tf.tensor1d(bias) };
  const options = { ...tensors, strides: stride, pad: padding, activation };
  return (x: tf.Tensor4D): tf.Tensor4D => tf.fused.conv2d({ ...options, x });
}
