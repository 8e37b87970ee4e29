import { unknownName } from '@resnet/core';
import { type CommonRecipe, checkCommonRecipe } from './common-recipe.js';
import { checkRules, integer, oneOf, share } from './rules.js';

/** Everything that decides how a classifier is trained, apart from the network and the data: plain numbers. */
export interface Recipe extends CommonRecipe {
  /** Share of each label that is spread over all classes. */
  labelSmoothing: number;
  /**
   * How training images are changed: 4-pixel padding, random crop and flip (Section 4.2); scale, crop, flip and color
   * (Section 3.4); torchvision's random resized crop and flip; or not at all. They come out at the size of the network's
   * images; tests see what `preprocessor` of `@resnet/zoo` makes of images.
   */
  augmentation: 'pad-crop-flip' | 'scale-crop-flip-color' | 'resized-crop-flip' | 'none';
  /**
   * How many training images, without augmentation, the statistics of batch normalization are computed again from, after
   * the last step, before the last test; 0 keeps the running ones.
   */
  reestimateImages: number;
}

const plain = {
  warmup: null,
  accumulation: 1,
  momentum: 0.9,
  rule: 'pytorch',
  weightDecay: 1e-4,
  decayed: 'all',
  isDecayDecoupled: false,
  labelSmoothing: 0,
  clipNorm: null,
  averaging: null,
  augmentation: 'pad-crop-flip',
  reestimateImages: 0,
  seed: 0,
} as const satisfies Partial<Recipe>;

/**
 * Section 4.2 of the paper: mini-batches of 128, learning rate 0.1, divided by 10 at 32k and 48k iterations, until
 * 64k; weight decay 0.0001, momentum 0.9.
 */
const cifar10Paper: Recipe = {
  ...plain,
  name: 'cifar10-paper',
  batchSize: 128,
  iterations: 64_000,
  learningRate: 0.1,
  schedule: { kind: 'steps', milestones: [32_000, 48_000], factor: 0.1 },
};

/** The same for ResNet-110: 0.01 until the training error is below 80 %, then 0.1 (Section 4.2). */
const cifar10Paper110: Recipe = {
  ...cifar10Paper,
  name: 'cifar10-paper-110',
  warmup: { kind: 'until', learningRate: 0.01, error: 0.8 },
};

/** A short training as is usual today: one cycle of 30 epochs, with Nesterov's momentum. */
const cifar10Fast: Recipe = {
  ...plain,
  name: 'cifar10-fast',
  batchSize: 128,
  iterations: 11_730,
  learningRate: 0.4,
  schedule: { kind: 'one-cycle', rise: 0.25, startDivisor: 10, endDivisor: 1000, shape: 'linear' },
  rule: 'nesterov',
  weightDecay: 5e-4,
};

/**
 * The shortest that shows the paper's Figure 6 on CIFAR-10: one cycle of 20 epochs. Its learning rate was chosen for ResNet-20 on
 * the 45k/5k split; see docs/degradation.md.
 */
const cifar10Short: Recipe = {
  ...cifar10Fast,
  name: 'cifar10-short',
  iterations: 7820,
  learningRate: 0.2,
  reestimateImages: 10_000,
};

/**
 * Section 3.4 of the paper: mini-batches of 256, learning rate 0.1, divided by 10 when the error plateaus, up to 60×10⁴
 * iterations; weight decay 0.0001, momentum 0.9. What a plateau is, it does not say.
 */
const imagenetPaper: Recipe = {
  ...plain,
  name: 'imagenet-paper',
  batchSize: 256,
  iterations: 600_000,
  learningRate: 0.1,
  schedule: { kind: 'plateau', factor: 0.1, patience: 5, threshold: 1e-3 },
  augmentation: 'scale-crop-flip-color',
};

/** torchvision's reference training: 90 epochs, divided by 10 every 30. */
const imagenetTorchvision: Recipe = {
  ...plain,
  name: 'imagenet-torchvision',
  batchSize: 256,
  iterations: 450_450,
  learningRate: 0.1,
  schedule: { kind: 'steps', milestones: [150_150, 300_300], factor: 0.1 },
  augmentation: 'resized-crop-flip',
};

/** For a trained network and custom images: a low learning rate that falls to 0 by half a cosine. */
const finetune: Recipe = {
  ...plain,
  name: 'finetune',
  batchSize: 32,
  iterations: 1000,
  learningRate: 0.01,
  schedule: { kind: 'cosine' },
  warmup: { kind: 'linear', iterations: 50, start: 0.1 },
  augmentation: 'resized-crop-flip',
};

/** For some hundred or thousand custom images and an untrained network: ImageNet's learning rate, for smaller batches. */
const fromScratch: Recipe = {
  ...plain,
  name: 'from-scratch',
  batchSize: 32,
  iterations: 5000,
  learningRate: 0.0125,
  schedule: { kind: 'cosine' },
  warmup: { kind: 'linear', iterations: 250, start: 0.1 },
  augmentation: 'resized-crop-flip',
};

/** The paper's rule at the length of a coffee break, for the 9,000 handwritten digits of the first example. */
const digits: Recipe = {
  ...plain,
  name: 'digits',
  batchSize: 64,
  iterations: 360,
  learningRate: 0.1,
  schedule: { kind: 'steps', milestones: [240, 320], factor: 0.1 },
  augmentation: 'none',
};

/** All recipes by name. */
export const recipes: Readonly<Record<string, Recipe>> = Object.fromEntries(
  [
    ...[cifar10Paper, cifar10Paper110, cifar10Fast, cifar10Short, imagenetPaper, imagenetTorchvision],
    ...[finetune, fromScratch, digits],
  ].map((each) => [each.name, each]),
);

/**
 * A recipe by name, with some of its numbers replaced.
 *
 * @throws UNKNOWN_NAME for a name that is none; OPTION_INVALID for numbers that make no sense
 */
export function recipe(name: string, changes: Partial<Omit<Recipe, 'name'>> = {}): Recipe {
  const base = recipes[name];
  if (!base || !Object.hasOwn(recipes, name)) throw unknownName('recipe', name, Object.keys(recipes));
  const changed = { ...base, ...changes };
  checkRecipe(changed);
  return changed;
}

/** A recipe that an earlier version wrote, with the settings that were added since: they have the values that had the same effect. */
export function upgradeRecipe<T extends object>(recipe: T): T & Pick<Recipe, 'reestimateImages'> {
  return { reestimateImages: 0, ...recipe };
}

/** @throws OPTION_INVALID naming the first number that makes no sense */
export function checkRecipe(recipe: Recipe): void {
  checkCommonRecipe(recipe);
  checkRules([
    share('labelSmoothing', recipe.labelSmoothing),
    oneOf('augmentation', recipe.augmentation, [
      'pad-crop-flip',
      'scale-crop-flip-color',
      'resized-crop-flip',
      'none',
    ]),
    integer('reestimateImages', recipe.reestimateImages, 0),
  ]);
}
