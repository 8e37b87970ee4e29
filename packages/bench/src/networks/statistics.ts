import type { BatchNorm } from '@resnet/blocks';
import type { Random } from '@resnet/core';
import type { ResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { blocksOf, layersOf, stemOf } from './layers.js';

/**
 * Gives each normalization statistics and parameters as after training: near those of normal data, and the branches
 * weaker than the shortcuts, so that the signal keeps its size through all blocks.
 */
export function drawStatistics(network: ResNet, random: Random): void {
  draw(stemOf(network).norm, 1, random);
  for (const block of blocksOf(network)) {
    const { branch, projection } = layersOf(block);
    for (const layer of branch) draw(layer.norm, layer === branch.at(-1) ? 0.2 : 1, random);
    if (projection) draw(projection.norm, 1, random);
  }
}

function draw(norm: BatchNorm, gain: number, random: Random): void {
  const assign = ({ variable }: BatchNorm['weight'], center: number) => {
    const values = Float32Array.from({ length: variable.size }, () => center + 0.1 * random.normal());
    tf.tidy(() => variable.assign(tf.tensor(values)));
  };
  assign(norm.weight, gain);
  assign(norm.bias, 0);
  assign(norm.runningMean, 0);
  assign(norm.runningVar, 1);
}
