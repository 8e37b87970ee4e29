import { Random } from '@resnet/core';
import type { ImageSet, Normalization } from '@resnet/data';
import { type ActivationRanges, type Network, quantize, toTensor } from '@resnet/zoo';
import { classificationLoss } from './fit/classification-loss.js';
import type { LabeledInput, LabeledPart } from './fit/labeled-input.js';
import type { Task } from './fit/task.js';
import { Stepper, type StepResult } from './fit/training-step.js';
import type { Sgd } from './optimizer/sgd.js';
import type { Recipe } from './recipe/recipe.js';

/** Images of two classes that a small network learns in a few steps: stripes across, and stripes down. */
export function stripes(count: number): ImageSet {
  const random = new Random(8);
  const size = 32 * 32;
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 2);
  const images = Uint8Array.from({ length: count * size }, (_, index) => {
    const line = labels[Math.floor(index / size)] === 1 ? index % 32 : Math.floor((index % size) / 32);
    return random.int(120) + (line % 4 < 2 ? 100 : 0);
  });
  return {
    name: 'stripes',
    images,
    labels,
    count,
    height: 32,
    width: 32,
    channels: 1,
    classes: ['across', 'down'],
  };
}

export const normalization: Normalization = { mean: Float32Array.of(0.4), std: Float32Array.of(0.25) };

/** Ranges of a network's activations, found with 16 images of stripes. */
export async function rangesFor(network: Network): Promise<ActivationRanges> {
  const calibration = toTensor(stripes(16), normalization);
  const { network: quantized } = await quantize(network, { calibration, method: 'max' });
  calibration.dispose();
  quantized.dispose();
  return quantized.weights.ranges;
}

/** One step of training of a classifier: its result. */
export async function trainingStep(
  { network, optimizer, recipe }: { network: Network; optimizer: Sgd; recipe: Recipe },
  input: LabeledInput,
  learningRate: number,
  number = 1,
): Promise<StepResult> {
  const stepper = new Stepper({ task: classifying(network, recipe), optimizer, recipe, isAhead: false });
  const step = await stepper.begin(input, learningRate, number);
  const result = await step.result();
  step.dispose();
  stepper.dispose();
  return result;
}

/** The loss of a classifier by a recipe. */
export function classifying(network: Network, { labelSmoothing }: Recipe): Pick<Task<LabeledPart>, 'loss'> {
  return { loss: (part) => classificationLoss(network, part, labelSmoothing) };
}
