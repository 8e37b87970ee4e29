import { ResnetError, unknownName } from '@resnet/backend';

/** Everything that decides how a network is trained, apart from the network and the data: plain numbers. */
export interface Recipe {
  name: string;
  /** Images a step. */
  batchSize: number;
  /** Steps. */
  iterations: number;
  learningRate: number;
  /** Iterations at which the learning rate is divided by 10. */
  milestones: number[];
  momentum: number;
  /** L2 penalty on all parameters. */
  weightDecay: number;
  /** How training images are changed: 4-pixel padding, random crop and flip (Section 4.2), or not at all. */
  augmentation: 'pad-crop-flip' | 'none';
  /** Decides the order of the images and the augmentation; `create` takes a seed for the initial weights. */
  seed: number;
}

/**
 * Section 4.2 of the paper: mini-batches of 128, learning rate 0.1, divided by 10 at 32k and 48k iterations, until
 * 64k; weight decay 0.0001, momentum 0.9.
 */
const cifar10Paper: Recipe = {
  name: 'cifar10-paper',
  batchSize: 128,
  iterations: 64_000,
  learningRate: 0.1,
  milestones: [32_000, 48_000],
  momentum: 0.9,
  weightDecay: 1e-4,
  augmentation: 'pad-crop-flip',
  seed: 0,
};

/** The paper's rule at the length of a coffee break, for the 9,000 handwritten digits of the first example. */
const digits: Recipe = {
  name: 'digits',
  batchSize: 64,
  iterations: 360,
  learningRate: 0.1,
  milestones: [240, 320],
  momentum: 0.9,
  weightDecay: 1e-4,
  augmentation: 'none',
  seed: 0,
};

/** All recipes by name. */
export const recipes: Readonly<Record<string, Recipe>> = { 'cifar10-paper': cifar10Paper, digits };

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

/** The learning rate of a step; iterations count from 0. */
export function learningRateAt({ learningRate, milestones }: Recipe, iteration: number): number {
  const passed = milestones.filter((milestone) => iteration >= milestone).length;
  return learningRate / 10 ** passed;
}

/** @throws OPTION_INVALID naming the first number that makes no sense */
export function checkRecipe(recipe: Recipe): void {
  const { batchSize, iterations, learningRate, milestones, momentum, weightDecay, seed } = recipe;
  const rules: [valid: boolean, rule: string, found: unknown][] = [
    [Number.isInteger(batchSize) && batchSize >= 1, 'batchSize must be an integer of at least 1', batchSize],
    [
      Number.isInteger(iterations) && iterations >= 1,
      'iterations must be an integer of at least 1',
      iterations,
    ],
    [
      learningRate > 0 && Number.isFinite(learningRate),
      'learningRate must be a number above 0',
      learningRate,
    ],
    [
      milestones.every((m) => Number.isInteger(m) && m >= 0),
      'milestones must be integers of at least 0',
      milestones,
    ],
    [momentum >= 0 && momentum < 1, 'momentum must be a number from 0 to below 1', momentum],
    [
      weightDecay >= 0 && Number.isFinite(weightDecay),
      'weightDecay must be a number of at least 0',
      weightDecay,
    ],
    [Number.isSafeInteger(seed), 'seed must be an integer', seed],
  ];
  for (const [valid, rule, found] of rules) {
    if (!valid) throw new ResnetError('OPTION_INVALID', `${rule}, found ${found}.`);
  }
}
