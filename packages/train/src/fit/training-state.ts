import type { StateDict } from '@resnet/blocks';
import type { ActivationRanges } from '@resnet/zoo';
import { type ScheduleState, scheduleStart } from '../optimizer/schedule.js';
import type { StepResult } from './training-step.js';

/** The state of a run, apart from its tensors. */
export interface TrainingState {
  /** Steps done. With the recipe's seed it fixes the order of the images and every later random number. */
  iteration: number;
  /** What the learning rate depends on besides the iteration, and the learning rate of the last step. */
  schedule: ScheduleState;
  learningRate: number | null;
  /** The test with the lowest error so far, and how many there were since. */
  best: { iteration: number; error: number } | null;
  testsSinceBest: number;
  /** Sums over the steps since the last train record. */
  window: Window;
  /** Whether the test that was due at this iteration was still to come. */
  testDue: boolean;
}

/** All that a run needs to resume as if it had never stopped. */
export interface Checkpoint extends TrainingState {
  /** Parameters and running statistics. */
  network: StateDict;
  /** Velocities. */
  optimizer: StateDict;
  /** Averages of parameters and running statistics, if the recipe has them. */
  averages?: StateDict;
  /** Of activations, if the network is trained with fake quantization. */
  ranges?: ActivationRanges;
}

/** What a train record averages. */
export interface Window {
  steps: number;
  images: number;
  /** Answers judged, where they are not the images. */
  answers?: number;
  errors: number;
  loss: number;
  /** Seconds: the steps waiting for their batches, and the three parts of the steps. */
  data: number;
  forward: number;
  backward: number;
  update: number;
  /** What the loss is made of, where the task says it. */
  losses?: Readonly<Record<string, number>>;
}

export const emptyWindow: Window = {
  ...{ steps: 0, images: 0, errors: 0, loss: 0 },
  ...{ data: 0, forward: 0, backward: 0, update: 0 },
};

/** Adds a step of so many images. */
export function addToWindow(window: Window, images: number, { answers, losses, ...step }: StepResult): void {
  window.steps++;
  window.images += images;
  for (const key of ['loss', 'errors', 'forward', 'backward', 'update'] as const) window[key] += step[key];
  if (answers !== undefined) window.answers = (window.answers ?? 0) + answers;
  if (losses === undefined) return;
  const sums = Object.entries(losses).map(
    ([name, loss]) => [name, (window.losses?.[name] ?? 0) + loss] as const,
  );
  window.losses = Object.fromEntries(sums);
}

/** Before the first step. */
export function startState(): TrainingState {
  return {
    ...{ iteration: 0, schedule: scheduleStart, learningRate: null },
    ...{ best: null, testsSinceBest: 0, window: { ...emptyWindow }, testDue: false },
  };
}

/** A copy of a run's state. */
export function stateOf(from: TrainingState): TrainingState {
  const { iteration, schedule, learningRate, best, testsSinceBest, window, testDue } = from;
  return { iteration, schedule, learningRate, best, testsSinceBest, window: { ...window }, testDue };
}
