/** How the learning rate changes over a run; iterations count from 0. Each kind agrees with PyTorch's scheduler. */
export type Schedule =
  /** Always the same. */
  | { kind: 'constant' }
  /** Multiplied by a factor at each milestone (MultiStepLR). */
  | { kind: 'steps'; milestones: readonly number[]; factor: number }
  /**
   * Multiplied by a factor when the test error has not come below `(1 - threshold)` of its lowest for more than
   * `patience` tests (ReduceLROnPlateau).
   */
  | { kind: 'plateau'; factor: number; patience: number; threshold: number }
  /** Half a cosine, down to 0 (CosineAnnealingLR). */
  | { kind: 'cosine' }
  /** (1 - progress) to a power (PolynomialLR). */
  | { kind: 'polynomial'; power: number }
  /**
   * From 1/`startDivisor` of the learning rate up to it in a share `rise` of the run, then down to 1/`endDivisor` of where it
   * started (OneCycleLR).
   */
  | { kind: 'one-cycle'; rise: number; startDivisor: number; endDivisor: number; shape: 'cosine' | 'linear' };

/** A gentler start. It does not delay the schedule, whose iterations count from 0 during a warm-up too. */
export type Warmup =
  /** The schedule's learning rate times a factor that rises from `start` to 1 in so many iterations (LinearLR). */
  | { kind: 'linear'; iterations: number; start: number }
  /** Another learning rate until the training error is below a share: the paper's way for ResNet-110 (Section 4.2). */
  | { kind: 'until'; learningRate: number; error: number };

/** What the learning rate depends on besides the iteration. */
export interface ScheduleState {
  /** Times that a plateau was reached. */
  reductions: number;
  /** The lowest test error, and how many tests ago it was. */
  lowest: number | null;
  testsSince: number;
  /** Whether a warm-up 'until' is over. */
  isWarm: boolean;
}

export const scheduleStart: ScheduleState = { reductions: 0, lowest: null, testsSince: 0, isWarm: false };

/** The part of a recipe that decides the learning rate. */
export interface RateSettings {
  /** Steps of the whole run. */
  iterations: number;
  learningRate: number;
  schedule: Schedule;
  warmup: Warmup | null;
}

/** The learning rate of a step, which `fit` asks for and hands to the optimizer. */
export function learningRateAt(
  { iterations, learningRate, schedule, warmup }: RateSettings,
  iteration: number,
  state: ScheduleState = scheduleStart,
): number {
  if (warmup?.kind === 'until' && !state.isWarm) return warmup.learningRate;
  const rate = learningRate * factorAt(schedule, iteration, iterations, state);
  if (warmup?.kind !== 'linear' || iteration >= warmup.iterations) return rate;
  return rate * (warmup.start + ((1 - warmup.start) * iteration) / warmup.iterations);
}

function factorAt(
  schedule: Schedule,
  iteration: number,
  iterations: number,
  { reductions }: ScheduleState,
): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'steps':
      return schedule.factor ** schedule.milestones.filter((milestone) => iteration >= milestone).length;
    case 'plateau':
      return schedule.factor ** reductions;
    case 'cosine':
      return (1 + Math.cos((Math.PI * iteration) / iterations)) / 2;
    case 'polynomial':
      return (1 - iteration / iterations) ** schedule.power;
    case 'one-cycle': {
      const { rise, startDivisor, endDivisor, shape } = schedule;
      const [top, end] = [rise * iterations - 1, iterations - 1];
      const start = 1 / startDivisor;
      return iteration <= top
        ? between(start, 1, top === 0 ? 1 : iteration / top, shape)
        : between(1, start / endDivisor, (iteration - top) / (end - top), shape);
    }
  }
}

function between(from: number, to: number, share: number, shape: 'cosine' | 'linear'): number {
  return shape === 'linear'
    ? from + (to - from) * share
    : to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

/** The state after a test; `fit` calls it after each. */
export function afterTest({ schedule }: RateSettings, state: ScheduleState, error: number): ScheduleState {
  if (schedule.kind !== 'plateau') return state;
  if (state.lowest === null || error < state.lowest * (1 - schedule.threshold)) {
    return { ...state, lowest: error, testsSince: 0 };
  }
  if (state.testsSince < schedule.patience) return { ...state, testsSince: state.testsSince + 1 };
  return { ...state, testsSince: 0, reductions: state.reductions + 1 };
}

/**
 * The state after some steps of training, by the share of images that were misclassified in them. `fit` calls it with each
 * record, so that a warm-up 'until' ends with one.
 */
export function afterTraining({ warmup }: RateSettings, state: ScheduleState, error: number): ScheduleState {
  return warmup?.kind === 'until' && error < warmup.error ? { ...state, isWarm: true } : state;
}
