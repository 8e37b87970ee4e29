import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../ops/index.js';
import * as reference from './reference.js';
import { type Case, describeOperations, images } from './test-support.js';

const cases: Case[] = [
  ...[
    { x: [2, 8, 8, 3], size: 3, stride: 2, padding: 1 },
    { x: [1, 7, 9, 2], size: 3, stride: 2, padding: 1 },
    { x: [1, 6, 6, 4], size: 2, stride: 2, padding: 0 },
    { x: [2, 5, 5, 1], size: 3, stride: 1, padding: 1 },
  ].map(
    ({ x, size, stride, padding }): Case => ({
      title: `maxPool [${x}] size ${size} stride ${stride} padding ${padding}`,
      shapes: { x },
      run: ({ x }) => ops.maxPool(x as tf.Tensor4D, { size, stride, padding }),
      reference: ({ x }) => reference.maxPool(x!, size, stride, padding),
      offset: { x: -3 },
    }),
  ),
  ...images.map((x): Case => {
    return {
      title: `globalAveragePool [${x}]`,
      shapes: { x },
      run: ({ x }) => ops.globalAveragePool(x as tf.Tensor4D),
      reference: ({ x }) => reference.globalAveragePool(x!),
    };
  }),
  ...[1, 4].map((count): Case => {
    return {
      title: `linear, batch ${count}`,
      shapes: { x: [count, 6], weight: [6, 5], bias: [5] },
      run: ({ x, weight, bias }) => ops.linear(x as tf.Tensor2D, weight as tf.Tensor2D, bias as tf.Tensor1D),
      reference: ({ x, weight, bias }) => reference.linear(x!, weight!, bias!),
    };
  }),
  ...[[2], [0, 3, 1, 3, 2]].map((labels): Case => {
    return {
      title: `softmaxCrossEntropy, batch ${labels.length}`,
      shapes: { logits: [labels.length, 4] },
      run: ({ logits }) => ops.softmaxCrossEntropy(logits as tf.Tensor2D, tf.tensor1d(labels, 'int32')),
      reference: ({ logits }) => reference.softmaxCrossEntropy(logits!, labels),
    };
  }),
  ...[
    { x: [2, 6, 6, 4], stride: 2, channels: 8 },
    { x: [1, 5, 7, 3], stride: 2, channels: 8 },
    { x: [1, 4, 4, 2], stride: 1, channels: 5 },
    { x: [2, 3, 3, 2], stride: 2, channels: 2 },
  ].map(
    ({ x, stride, channels }): Case => ({
      title: `subsamplePad [${x}] stride ${stride} to ${channels} channels`,
      shapes: { x },
      run: ({ x }) => ops.subsamplePad(x as tf.Tensor4D, stride, channels),
      reference: ({ x }) => reference.subsamplePad(x!, stride, channels),
    }),
  ),
];

describeOperations('pools, classifiers and their loss', cases);
