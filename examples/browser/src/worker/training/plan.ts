import { type Recipe, recipe } from '@resnet/train';

export type Kind = 'residual' | 'plain';

/** What is to be trained, and how. */
export interface Plan {
  /** One network, or two side by side. */
  kinds: readonly Kind[];
  /** Weighted layers: 6n + 2. */
  depth: number;
  data: 'digits' | 'cifar10';
  /** Steps. */
  iterations: number;
  learningRate: number;
  seed: number;
}

const PREFIXES = { residual: ['resnet', 'ResNet'], plain: ['plain', 'Plain'] } as const;

/** The name of a network for small images, for `create`. */
export function networkName(kind: Kind, depth: number): string {
  // Without the suffix, only the paper's depths are known.
  return `${PREFIXES[kind][0]}${depth}${depth < 20 ? '-cifar' : ''}`;
}

/** 'ResNet-20'. */
export function titleOf(kind: Kind, depth: number): string {
  return `${PREFIXES[kind][1]}-${depth}`;
}

/**
 * The recipe of the data at the plan's length: the learning rate falls after the same fractions of the steps.
 *
 * @throws OPTION_INVALID for numbers that make no sense
 */
export function recipeOf({ data, iterations, learningRate, seed }: Plan): Recipe {
  const name = data === 'digits' ? 'digits' : 'cifar10-paper';
  const { schedule, iterations: usual } = recipe(name);
  const scaled =
    schedule.kind === 'steps'
      ? { ...schedule, milestones: schedule.milestones.map((at) => Math.round((at / usual) * iterations)) }
      : schedule;
  return recipe(name, { iterations, learningRate, seed, schedule: scaled });
}

/** Steps between checkpoints. */
export const CHECKPOINT_EVERY = 20;

/** Steps between points of the curves: 5, or more where there would be too many points. */
export function recordEvery({ iterations }: Plan): number {
  return Math.max(5, Math.ceil(iterations / 500));
}

/** Steps between tests: a dozen in all, but no fewer than one in 500 steps. */
export function testEvery({ iterations }: Plan): number {
  return Math.min(500, Math.max(10, Math.round(iterations / 12)));
}
