import { ResnetError, unknownName } from '@resnet/core';
import type { RateSettings, Schedule, Warmup } from '../optimizer/schedule.js';

/** Everything that decides how a network is trained, apart from the network and the data: plain numbers. */
export interface Recipe extends RateSettings {
  name: string;
  /** Images a step. */
  batchSize: number;
  /** Batches whose gradients are averaged for a step; `batchSize` images each. */
  accumulation: number;
  momentum: number;
  /**
   * How momentum is meant: as PyTorch computes it, as Caffe does (the authors' framework: velocities have the learning
   * rate in them, so that a lower one takes effect slowly), or Nesterov's.
   */
  rule: 'pytorch' | 'caffe' | 'nesterov';
  /** L2 penalty. */
  weightDecay: number;
  /** What it is on: all parameters as in the paper, or filters and matrices only. */
  decayed: 'all' | 'weights';
  /** Whether it shrinks weights by itself, instead of being added to their gradients. */
  isDecayDecoupled: boolean;
  /** Share of each label that is spread over all classes. */
  labelSmoothing: number;
  /** The gradients' norm that is scaled down to; null for any. */
  clipNorm: number | null;
  /** How much of the averaged weights a step keeps; tests and results are then of those. null for none. */
  averaging: number | null;
  /**
   * How training images are changed: 4-pixel padding, random crop and flip (Section 4.2); scale, crop, flip and color
   * (Section 3.4); torchvision's random resized crop and flip; or not at all. They come out at the size of the network's
   * images; tests see what `preprocessor` of `@resnet/zoo` makes of images.
   */
  augmentation: 'pad-crop-flip' | 'scale-crop-flip-color' | 'resized-crop-flip' | 'none';
  /**
   * How many training images, without augmentation, the statistics of batch normalization are computed from anew after
   * the last step, before the last test; 0 keeps the running ones.
   */
  reestimateImages: number;
  /** Decides the order of the images and the augmentation; `create` takes a seed for the initial weights. */
  seed: number;
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

/** As people train today who have little time: one cycle of 30 epochs, with Nesterov's momentum. */
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
 * The shortest that shows the paper's Figure 6 on CIFAR-10: one cycle of 20 epochs. Its rate was chosen for ResNet-20 on
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

/** For a trained network and images of one's own: a low rate that falls to 0 by half a cosine. */
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

/** For some hundred or thousand images of one's own and a network that knows nothing yet: ImageNet's rate for smaller batches. */
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

/**
 * A recipe for another number of steps, whose schedule goes with it: milestones and a linear warm-up are scaled;
 * a plateau counts tests, and stays; the other schedules are of the whole run anyway.
 */
export function withIterations(recipe: Recipe, iterations: number): Recipe {
  const scaled = (iteration: number) => Math.floor((iteration * iterations) / recipe.iterations);
  const { schedule, warmup } = recipe;
  return {
    ...recipe,
    iterations,
    ...(schedule.kind === 'steps'
      ? { schedule: { ...schedule, milestones: schedule.milestones.map(scaled) } }
      : {}),
    ...(warmup?.kind === 'linear'
      ? { warmup: { ...warmup, iterations: Math.max(1, scaled(warmup.iterations)) } }
      : {}),
  };
}

const augmentations: Recipe['augmentation'][] = [
  'pad-crop-flip',
  'scale-crop-flip-color',
  'resized-crop-flip',
  'none',
];

type Rule = [valid: boolean, rule: string, found: unknown];

const isInteger = (least: number) => (value: number) => Number.isInteger(value) && value >= least;
const isAbove0 = (value: number) => value > 0 && Number.isFinite(value);
const isShare = (value: number) => value >= 0 && value < 1;
const isAtLeast0 = (value: number) => value >= 0 && Number.isFinite(value);

/** A recipe that an earlier version wrote: settings that have come since are as they were in effect. */
export function upgradeRecipe<T extends object>(recipe: T): T & Pick<Recipe, 'reestimateImages'> {
  return { reestimateImages: 0, ...recipe };
}

/** @throws OPTION_INVALID naming the first number that makes no sense */
export function checkRecipe(recipe: Recipe): void {
  const { schedule, warmup, clipNorm, averaging, rule, decayed, augmentation, seed } = recipe;
  const rules: Rule[] = [
    [isInteger(1)(recipe.batchSize), 'batchSize must be an integer of at least 1', recipe.batchSize],
    [isInteger(1)(recipe.iterations), 'iterations must be an integer of at least 1', recipe.iterations],
    [isAbove0(recipe.learningRate), 'learningRate must be a number above 0', recipe.learningRate],
    ...scheduleRules(schedule),
    ...warmupRules(warmup),
    [isInteger(1)(recipe.accumulation), 'accumulation must be an integer of at least 1', recipe.accumulation],
    [isShare(recipe.momentum), 'momentum must be a number from 0 to below 1', recipe.momentum],
    [['pytorch', 'caffe', 'nesterov'].includes(rule), "rule must be 'pytorch', 'caffe' or 'nesterov'", rule],
    [isAtLeast0(recipe.weightDecay), 'weightDecay must be a number of at least 0', recipe.weightDecay],
    [['all', 'weights'].includes(decayed), "decayed must be 'all' or 'weights'", decayed],
    [
      isShare(recipe.labelSmoothing),
      'labelSmoothing must be a number from 0 to below 1',
      recipe.labelSmoothing,
    ],
    [clipNorm === null || isAbove0(clipNorm), 'clipNorm must be a number above 0, or null', clipNorm],
    [
      averaging === null || isShare(averaging),
      'averaging must be a number from 0 to below 1, or null',
      averaging,
    ],
    [
      augmentations.includes(augmentation),
      `augmentation must be one of ${augmentations.join(', ')}`,
      augmentation,
    ],
    [
      isInteger(0)(recipe.reestimateImages),
      'reestimateImages must be an integer of at least 0',
      recipe.reestimateImages,
    ],
    [Number.isSafeInteger(seed), 'seed must be an integer', seed],
  ];
  for (const [valid, rule, found] of rules) {
    if (!valid) throw new ResnetError('OPTION_INVALID', `${rule}, found ${found}.`);
  }
}

function warmupRules(warmup: Warmup | null): Rule[] {
  if (warmup === null) return [];
  if (typeof warmup !== 'object')
    return [[false, 'warmup must be an object of a known kind, or null', warmup]];
  const { kind } = warmup;
  if (kind === 'linear') {
    const { iterations, start } = warmup;
    return [
      [isInteger(1)(iterations), "warmup's iterations must be an integer of at least 1", iterations],
      [isShare(start), "warmup's start must be a number from 0 to below 1", start],
    ];
  }
  const { learningRate, error } = warmup;
  return [
    [kind === 'until', 'warmup must be of a known kind', kind],
    [isAbove0(learningRate), "warmup's learningRate must be a number above 0", learningRate],
    [isShare(error), "warmup's error must be a share below 1", error],
  ];
}

function scheduleRules(schedule: Schedule): Rule[] {
  if (typeof schedule !== 'object' || schedule === null) {
    return [[false, 'schedule must be an object of a known kind', schedule]];
  }
  switch (schedule.kind) {
    case 'steps':
      return [
        [
          Array.isArray(schedule.milestones) && schedule.milestones.every(isInteger(0)),
          'milestones must be integers of at least 0',
          schedule.milestones,
        ],
        [isAbove0(schedule.factor), "the steps' factor must be a number above 0", schedule.factor],
      ];
    case 'plateau':
      return [
        [isAbove0(schedule.factor), "the plateau's factor must be a number above 0", schedule.factor],
        [isInteger(0)(schedule.patience), 'patience must be an integer of at least 0', schedule.patience],
        [isShare(schedule.threshold), 'threshold must be a number from 0 to below 1', schedule.threshold],
      ];
    case 'polynomial':
      return [[isAbove0(schedule.power), 'power must be a number above 0', schedule.power]];
    case 'one-cycle':
      return [
        [schedule.rise > 0 && schedule.rise < 1, 'rise must be a number between 0 and 1', schedule.rise],
        [isAbove0(schedule.startDivisor), 'startDivisor must be a number above 0', schedule.startDivisor],
        [isAbove0(schedule.endDivisor), 'endDivisor must be a number above 0', schedule.endDivisor],
        [
          ['cosine', 'linear'].includes(schedule.shape),
          "the schedule's shape must be 'cosine' or 'linear'",
          schedule.shape,
        ],
      ];
    case 'constant':
    case 'cosine':
      return [];
    default:
      return [[false, 'schedule must be of a known kind', (schedule as { kind: unknown }).kind]];
  }
}
