import type { Checkpoint } from '@resnet/train';
import { type Kind, type Plan, titleOf } from './plan.js';

/** A point of the curves. */
export interface Point {
  /** Of the batches trained on since the last such point, or of the test images. */
  kind: 'train' | 'test';
  iteration: number;
  loss: number;
  /** Share of images misclassified. */
  error: number;
}

/** All that it takes to resume a training. */
export interface SavedTraining {
  plan: Plan;
  /** A hash of the images, which distinguishes them from others. */
  fingerprint: number;
  /** One for each of the plan's kinds. */
  runs: SavedRun[];
}

export interface SavedRun {
  /** Undefined before the first one. */
  checkpoint?: Checkpoint;
  /** The curves up to the checkpoint. */
  points: readonly Point[];
}

/** A training, for the page. */
export interface TrainingReport {
  plan: Plan;
  runs: { kind: Kind; title: string; iteration: number; points: readonly Point[] }[];
}

export function reportOf({ plan, runs }: SavedTraining): TrainingReport {
  return {
    plan,
    runs: runs.map(({ checkpoint, points }, index) => {
      const kind = plan.kinds[index]!;
      return { kind, title: titleOf(kind, plan.depth), iteration: checkpoint?.iteration ?? 0, points };
    }),
  };
}
