import { graphOf, Sequential } from '@resnet/blocks';
import { checkInteger } from '@resnet/core';
import type { Image, Normalization } from '@resnet/data';
import { type Network, toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { softmax } from '../metrics/scores.js';

/** How much each position matters. */
export interface HeatMap {
  /** Rows from the top; 0 to 1. */
  heat: Float32Array;
  height: number;
  width: number;
}

/** Where in an image a network sees a class. */
export interface GradCam extends HeatMap {
  /** Number of the class. */
  index: number;
  /** Of the class, 0 to 1. */
  probability: number;
}

/**
 * Where in an image a network sees a class: Grad-CAM (Selvaraju et al., "Grad-CAM", ICCV 2017, Equations 1 and 2) at the last
 * maps that a step of the network gives. Each channel is weighed by the mean of the gradient of the class's logit by
 * it; negative values become 0, and the largest value becomes 1. If no value is positive, all are 0. Only
 * what is behind the maps is differentiated. The network runs in inference mode and comes back in the mode that it was in.
 *
 * @param image of the size that the network takes, with pixels from 0 to 255
 * @param options.index number of the class; by default the most probable one
 * @returns a heat map of the size of the maps: 8×8 for CIFAR's networks, 7×7 for those of 224×224
 * @throws OPTION_INVALID if there is no such class; SHAPE_MISMATCH if the normalization is not for such an image
 */
export async function gradCam(
  network: Network,
  image: Image,
  options: { normalization: Normalization; index?: number },
): Promise<GradCam> {
  const { normalization, index } = options;
  const { classes } = network.architecture;
  if (index !== undefined) checkInteger("the index of one of the network's classes", index, 0, classes - 1);
  const { pixels: images, height, width, channels } = image;
  const wasTraining = network.training;
  network.setTraining(false);
  let found: Found;
  try {
    found = tf.tidy(() =>
      explain(network, toTensor({ images, count: 1, height, width, channels }, normalization), index),
    );
  } finally {
    network.setTraining(wasTraining);
  }
  try {
    return await read(found);
  } finally {
    tf.dispose(found);
  }
}

type Found = {
  /** [height, width], at least 0. */
  heat: tf.Tensor2D;
  /** [1, classes] */
  logits: tf.Tensor2D;
  /** [1] */
  chosen: tf.Tensor1D;
};

function explain(network: Network, x: tf.Tensor4D, index: number | undefined): Found {
  const parts = [...network.parts().values()];
  const shapes = [...graphOf(network, x.shape.slice(1)).graph.marks.values()].map(({ shape }) => shape);
  const lastMap = shapes.findLastIndex(({ length }) => length === 3);
  const maps = new Sequential(parts.slice(0, lastMap + 1).flat()).forward(x) as tf.Tensor4D;
  const tail = new Sequential(parts.slice(lastMap + 1).flat());
  const logits = tail.forward(maps) as tf.Tensor2D;
  const chosen: tf.Tensor1D = index === undefined ? tf.argMax(logits, 1) : tf.tensor1d([index], 'int32');
  // Cast, as tfjs's WASM backend writes integers also where float32 is asked for.
  const ofClass = tf.cast(tf.oneHot(chosen, logits.shape[1]), 'float32');
  const gradient = tf.grad((values: tf.Tensor) => tail.forward(values))(maps, ofClass);
  const weights = tf.mean(gradient, [1, 2], true);
  const heat = tf.relu(tf.squeeze<tf.Tensor2D>(tf.sum(tf.mul(maps, weights), 3), [0]));
  return { heat, logits, chosen };
}

async function read({ heat, logits, chosen }: Found): Promise<GradCam> {
  const [height, width] = heat.shape;
  const values = (await heat.data()) as Float32Array;
  const index = (await chosen.data())[0]!;
  const probability = softmax((await logits.data()) as Float32Array)[index]!;
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return {
    heat: values.map((value) => (largest > 0 ? value / largest : 0)),
    height,
    width,
    index,
    probability,
  };
}
