import { globalAveragePool, maxPool } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { node, windowAttributes } from '../../onnx/graph.js';
import type { KernelCase } from './case.js';
import { bytesOf, noise, runKernel } from './tensors.js';

const [batchSize, filterSize, stride, padding] = [8, 3, 2, 1];
const [maps, pooled] = [
  [batchSize, 112, 112, 64],
  [batchSize, 56, 56, 64],
];
const [features, means] = [
  [batchSize, 7, 7, 2048],
  [batchSize, 2048],
];

function maxPoolGradient() {
  const [input, dy] = [noise<tf.Tensor4D>(maps), noise(pooled)];
  const output = tf.maxPool(input, filterSize, stride, padding, 'floor');
  const attributes = { filterSize, strides: stride, pad: padding, dimRoundingMode: 'floor' };
  return () => runKernel('MaxPoolGrad', { dy, input, output }, attributes);
}

/** The pools of ResNets for ImageNet. */
export const pools: KernelCase[] = [
  {
    name: 'max pool 3x3/2 112x112x64 batch 8',
    work: { bytes: bytesOf(maps, pooled) },
    ours: () => {
      const x = noise<tf.Tensor4D>(maps);
      return () => maxPool(x, { size: filterSize, stride, padding });
    },
    plainTfjs: () => {
      const x = noise<tf.Tensor4D>(maps);
      return () => tf.maxPool(x, filterSize, stride, padding, 'floor');
    },
    onnx: () => ({
      nodes: [node('MaxPool', ['x'], ['y'], windowAttributes(filterSize, stride, padding))],
      constants: [],
      inputShape: [batchSize, 64, 112, 112],
      outputShape: [batchSize, 64, 56, 56],
    }),
  },
  {
    name: 'max pool gradient 3x3/2 112x112x64 batch 8',
    work: { bytes: bytesOf(maps, pooled, maps) },
    ours: maxPoolGradient,
    plainTfjs: maxPoolGradient,
  },
  {
    name: 'global average pool 7x7x2048 batch 8',
    work: { bytes: bytesOf(features, means) },
    ours: () => {
      const x = noise<tf.Tensor4D>(features);
      return () => globalAveragePool(x);
    },
    plainTfjs: () => {
      const x = noise<tf.Tensor4D>(features);
      return () => tf.mean(x, [1, 2]);
    },
    onnx: () => ({
      nodes: [node('GlobalAveragePool', ['x'], ['y'])],
      constants: [],
      inputShape: [batchSize, 2048, 7, 7],
      outputShape: [batchSize, 2048, 1, 1],
    }),
  },
];
