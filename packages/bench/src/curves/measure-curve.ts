// Trains ResNet-20 for a while in a separate process:
// node measure-curve.js KERNELS STEPS [CIFAR10_FOLDER] → one line of JSON, the loss of every step

import { useBackend } from '@resnet/backend';
import { perPixelMeanNormalization } from '@resnet/data';
import { readCifar10, readDigits } from '@resnet/data/node';
import { fit, recipe } from '@resnet/train';
import { create } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { answer } from '../measuring/answer.js';
import '@tensorflow/tfjs-backend-wasm';
import { registerFilterGradient } from '../kernels/filter-gradient.js';

/**
 * Winograd's convolutions where they are faster, direct ones everywhere, or tfjs's own kernels for everything; `nudged`
 * is `direct` whose first filter starts one rounding away: what any rounding makes of 200 steps, to compare with.
 */
export type Kernels = 'winograd' | 'direct' | 'nudged' | 'stock';

/** What this script prints. */
export interface Curve {
  /** What was trained on. */
  images: string;
  losses: number[];
}

const batchSize = 64;

const [kernels, steps, folder] = process.argv.slice(2) as [Kernels, string, string | undefined];
if (kernels === 'stock') {
  registerFilterGradient();
  await tf.setBackend('wasm');
} else await useBackend('wasm', { threads: 1, winograd: kernels === 'winograd' });

const iterations = Number(steps);
const train = folder
  ? await readCifar10(folder, 'train', { limit: iterations * batchSize })
  : (await readDigits()).train;
const losses: number[] = [];
const network = create('resnet20', { inChannels: train.channels });
if (kernels === 'nudged') {
  const [first] = network.namedParameters();
  const { variable } = first![1];
  tf.tidy(() => variable.assign(tf.mul(variable, 1 + 2 ** -23)));
}
await fit(network, {
  train,
  recipe: recipe(folder ? 'cifar10-paper' : 'digits', { batchSize, iterations }),
  normalization: perPixelMeanNormalization(train),
  onProgress: ({ loss }) => losses.push(loss),
});
const curve: Curve = { images: train.name, losses };
answer(curve);
