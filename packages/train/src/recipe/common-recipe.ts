import type { RateSettings, Schedule, Warmup } from '../optimizer/schedule.js';
import { above0, checkRules, integer, oneOf, orNull, type Rule, share } from './rules.js';

/** What the recipes of all tasks have: how batches become steps. */
export interface CommonRecipe extends RateSettings {
  name: string;
  /** Images a step. */
  batchSize: number;
  /** In how many parts a batch is computed, one after the other; the step is that of the whole batch. */
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
  /** The gradients' norm that is scaled down to; null for any. */
  clipNorm: number | null;
  /** How much of the averaged weights a step keeps; tests and results are then of those. null for none. */
  averaging: number | null;
  /** Decides the order of the images and every random choice for them; `create` takes a seed for the initial weights. */
  seed: number;
}

/**
 * A recipe for another number of steps. Its schedule is stretched to them: milestones and a linear warm-up are scaled; a
 * plateau counts tests and stays; the other schedules span the whole run anyway.
 */
export function withIterations<R extends CommonRecipe>(recipe: R, iterations: number): R {
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

/** @throws OPTION_INVALID naming the first number that makes no sense */
export function checkCommonRecipe(recipe: CommonRecipe): void {
  checkRules([
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
    orNull(above0('clipNorm', recipe.clipNorm)),
    orNull(share('averaging', recipe.averaging)),
    [Number.isSafeInteger(recipe.seed), 'seed must be an integer', recipe.seed],
  ]);
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
