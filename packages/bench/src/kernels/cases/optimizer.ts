import { sgdUpdate } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case.js';
import { bytesOf, noise } from './tensors.js';

const hyperparameters = { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 };

/** One step of SGD with momentum and weight decay. */
export const optimizers: KernelCase[] = [
  {
    name: 'SGD update of ResNet-50',
    // Parameter, velocity and gradient; then parameter and velocity.
    work: { bytes: 5 * bytesOf(...resNet50Shapes()) },
    ours: () => {
      const slots = resNet50Shapes().map((shape) => ({
        parameter: tf.variable(noise(shape)),
        velocity: tf.variable(tf.zeros(shape), false),
        gradient: noise(shape),
      }));
      return () => sgdUpdate(slots, hyperparameters);
    },
    plainTfjs: () => {
      const { learningRate, momentum, weightDecay } = hyperparameters;
      const optimizer = tf.train.momentum(learningRate, momentum);
      const slots = resNet50Shapes().map((shape) => ({
        parameter: tf.variable(noise(shape)),
        gradient: noise(shape),
      }));
      return () => {
        const decayed = slots.map(({ parameter, gradient }) => [
          parameter.name,
          tf.add(gradient, tf.mul(parameter, weightDecay)),
        ]);
        optimizer.applyGradients(Object.fromEntries(decayed));
      };
    },
  },
];

/** Of all parameters: 25.6 million of them in 161 tensors. */
function resNet50Shapes(): number[][] {
  const layer = (size: number, inChannels: number, outChannels: number) => [
    [size, size, inChannels, outChannels],
    [outChannels],
    [outChannels],
  ];
  const shapes = layer(7, 3, 64);
  let inChannels = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      shapes.push(...layer(1, inChannels, width), ...layer(3, width, width), ...layer(1, width, 4 * width));
      if (block === 0) shapes.push(...layer(1, inChannels, 4 * width));
      inChannels = 4 * width;
    }
  }
  return [...shapes, [inChannels, 1000], [1000]];
}
