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
   * How many training images, without augmentation, the statistics of batch normalization are computed again from, after
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

/**
 * A recipe for another number of steps. Its schedule is stretched to them: milestones and a linear warm-up are scaled; a
 * plateau counts tests and stays; the other schedules span the whole run anyway.
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

/** A recipe that an earlier version wrote, with the settings that were added since: they have the values that had the same effect. */
export function upgradeRecipe<T extends object>(recipe: T): T & Pick<Recipe, 'reestimateImages'> {
  return { reestimateImages: 0, ...recipe };
}

/** @throws OPTION_INVALID naming the first number that makes no sense */
export function checkRecipe(recipe: Recipe): void {
  const rules: Rule[] = [
    integer('batchSize', recipe.batchSize, 1),
    integer('iterations', recipe.iterations, 1),
    above0('learningRate', recipe.learningRate),
    ...scheduleRules(recipe.schedule),
    ...warmupRules(recipe.warmup),
    integer('accumulation', recipe.accumulation, 1),
    share('momentum', recipe.momentum),
    oneOf('rule', recipe.rule, ['pytorch', 'caffe', 'nesterov']),
    [
      recipe.weightDecay >= 0 && recipe.weightDecay < Number.POSITIVE_INFINITY,
      'weightDecay must be a number of at least 0',
      recipe.weightDecay,
    ],
    oneOf('decayed', recipe.decayed, ['all', 'weights']),
    share('labelSmoothing', recipe.labelSmoothing),
    orNull(above0('clipNorm', recipe.clipNorm)),
    orNull(share('averaging', recipe.averaging)),
    oneOf('augmentation', recipe.augmentation, [
      'pad-crop-flip',
      'scale-crop-flip-color',
      'resized-crop-flip',
      'none',
    ]),
    integer('reestimateImages', recipe.reestimateImages, 0),
    [Number.isSafeInteger(recipe.seed), 'seed must be an integer', recipe.seed],
  ];
  for (const [isValid, rule, found] of rules) {
    if (!isValid) throw new ResnetError('OPTION_INVALID', `${rule}, found ${found}.`);
  }
}

function warmupRules(warmup: Warmup | null): Rule[] {
  if (warmup === null) return [];
  if (typeof warmup !== 'object')
    return [[false, 'warmup must be an object of a known kind, or null', warmup]];
  if (warmup.kind === 'linear') {
    return [integer("warmup's iterations", warmup.iterations, 1), share("warmup's start", warmup.start)];
  }
  return [
    [warmup.kind === 'until', 'warmup must be of a known kind', warmup.kind],
    above0("warmup's learningRate", warmup.learningRate),
    share("warmup's error", warmup.error),
  ];
}

function scheduleRules(schedule: Schedule): Rule[] {
  if (typeof schedule !== 'object' || schedule === null) {
    return [[false, 'schedule must be an object of a known kind', schedule]];
  }
  switch (schedule.kind) {
    case 'steps': {
      const { milestones, factor } = schedule;
      const areValid =
        Array.isArray(milestones) && milestones.every((each) => Number.isInteger(each) && each >= 0);
      return [
        [areValid, 'milestones must be integers of at least 0', milestones],
        above0("the steps' factor", factor),
      ];
    }
    case 'plateau':
      return [
        above0("the plateau's factor", schedule.factor),
        integer('patience', schedule.patience, 0),
        share('threshold', schedule.threshold),
      ];
    case 'polynomial':
      return [above0('power', schedule.power)];
    case 'one-cycle':
      return [
        [schedule.rise > 0 && schedule.rise < 1, 'rise must be a number between 0 and 1', schedule.rise],
        above0('startDivisor', schedule.startDivisor),
        above0('endDivisor', schedule.endDivisor),
        oneOf("the schedule's shape", schedule.shape, ['cosine', 'linear']),
      ];
    case 'constant':
    case 'cosine':
      return [];
    default:
      return [[false, 'schedule must be of a known kind', (schedule as { kind: unknown }).kind]];
  }
}

type Rule = [isValid: boolean, rule: string, found: unknown];

function integer(name: string, value: number, least: number): Rule {
  return [
    Number.isInteger(value) && value >= least,
    `${name} must be an integer of at least ${least}`,
    value,
  ];
}

function above0(name: string, value: number | null): Rule {
  return [
    value !== null && value > 0 && value < Number.POSITIVE_INFINITY,
    `${name} must be a number above 0`,
    value,
  ];
}

function share(name: string, value: number | null): Rule {
  return [value !== null && value >= 0 && value < 1, `${name} must be a number from 0 to below 1`, value];
}

function oneOf<T>(name: string, value: T, known: readonly T[]): Rule {
  return [known.includes(value), `${name} must be one of ${known.join(', ')}`, value];
}

function orNull([isValid, rule, found]: Rule): Rule {
  return [found === null || isValid, `${rule}, or null`, found];
}
