import { softmaxCrossEntropy } from '@resnet/backend';
import { Conv2d, Linear } from '@resnet/blocks';
import { checkInteger } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';
import { layersOf, type Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { eachBatch, type MeasureOptions } from './each-batch.js';

export interface LayerGradient {
  /** The layer's name: `layer1.0.conv1`, `fc`. */
  name: string;
  /** L2 norm of the loss's gradient by the layer's weight, the mean over batches. */
  norm: number;
  /** This norm divided by that of the weight. */
  ratio: number;
}

export interface GradientOptions extends MeasureOptions {
  /** How many batches, unless the set has fewer. Default 10. */
  batches?: number;
}

/**
 * How large the gradients are that reach each convolution and each fully connected layer: of the mean cross-entropy of random
 * images, the same ones in every call, with the statistics of the batch as in training. Nothing is learned: the weights stay,
 * and the running statistics and the network's mode come back as they were.
 *
 * @returns in the order of the layers, projections included
 * @throws OPTION_INVALID if `batches` is no integer of at least 1; SHAPE_MISMATCH if the set has more classes or other channels
 *   than the network, or images of several sizes; ABORTED; what reading the set throws
 */
export async function layerGradients(
  network: Network,
  set: ImageSet | Dataset,
  { batches = 10, ...options }: GradientOptions,
): Promise<LayerGradient[]> {
  checkInteger('batches', batches, 1);
  const layers = layersOf(network).flatMap(({ name, layer }) =>
    layer instanceof Conv2d || layer instanceof Linear
      ? [{ name, weight: layer.weight.variable, norms: [] as number[] }]
      : [],
  );
  const weights = layers.map(({ weight }) => weight);
  await asInTraining(network, () =>
    eachBatch(network, set, options, { shuffle: true, batches }, async (images, labels) => {
      const { value, grads } = tf.variableGrads(
        () => softmaxCrossEntropy(network.forward(images), tf.tensor1d(labels, 'int32')),
        weights,
      );
      try {
        for (const { weight, norms } of layers) norms.push(await normOf(grads[weight.name]!));
      } finally {
        tf.dispose([value, grads]);
      }
    }),
  );
  return Promise.all(
    layers.map(async ({ name, weight, norms }) => {
      const norm = norms.reduce((sum, value) => sum + value, 0) / norms.length;
      return { name, norm, ratio: norm / (await normOf(weight)) };
    }),
  );
}

/** Does work in training mode, then restores the running statistics and the mode. */
async function asInTraining(network: Network, work: () => Promise<void>): Promise<void> {
  const wasTraining = network.training;
  const buffers = [...network.namedParameters()]
    .filter(([, parameter]) => parameter.isBuffer)
    .map(([, { variable }]) => ({ variable, before: variable.clone() }));
  network.setTraining(true);
  try {
    await work();
  } finally {
    network.setTraining(wasTraining);
    for (const { variable, before } of buffers) {
      variable.assign(before);
      before.dispose();
    }
  }
}

/** L2 norm, added up in float64. */
async function normOf(tensor: tf.Tensor): Promise<number> {
  let squares = 0;
  for (const value of await tensor.data()) squares += value * value;
  return Math.sqrt(squares);
}
