import { Linear } from '@resnet/blocks';
import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { CommonRecipe } from '../recipe/common-recipe.js';
import { recipe } from '../recipe/recipe.js';
import type { BatchPart, PartLoss, StepInput, Task, TestResult } from './task.js';

/** Points of a line. */
interface Points extends BatchPart {
  x: tf.Tensor2D;
  y: tf.Tensor2D;
  /** How many times each point counts: `prepare` draws them. */
  weights?: tf.Tensor2D;
}

const BATCHES = 5;

/** A task that is no classification: to find the line y = 2x + 1 by noisy points of it. */
export class LineTask implements Task<Points> {
  readonly network: Linear;
  readonly batchesPerEpoch = BATCHES;
  /** How often each was called. */
  readonly counted = { prepared: 0, tests: 0, reestimated: 0, closed: 0 };

  constructor(private readonly recipe: CommonRecipe) {
    this.network = new Linear({ inFeatures: 1, outFeatures: 1, random: new Random(3) });
  }

  async *epoch(epoch: number, first: number): AsyncGenerator<StepInput<Points>> {
    const { batchSize, accumulation, seed } = this.recipe;
    for (let step = first; step < BATCHES; step++) {
      const random = new Random(seed, epoch, step);
      const xs = Array.from({ length: batchSize }, () => 2 * random.uniform() - 1);
      const ys = xs.map((x) => 2 * x + 1 + 0.1 * random.uniform());
      yield { count: batchSize, parts: () => partsOf(xs, ys, accumulation) };
    }
  }

  async prepare(part: Points, step: number): Promise<void> {
    const random = new Random(this.recipe.seed, step);
    this.counted.prepared++;
    part.weights = tf.tensor2d(
      Float32Array.from({ length: part.count }, () => 2 * random.uniform()),
      [part.count, 1],
    );
  }

  loss({ x, y, weights }: Points): PartLoss {
    const difference = tf.sub(this.network.forward(x), y);
    const far = tf.cast(tf.greater(tf.abs(difference), 0.1), 'int32');
    const square = tf.mean<tf.Scalar>(tf.mul(weights!, tf.square(difference)));
    const size = tf.mul<tf.Scalar>(0.01, tf.sum(tf.square(this.network.weight.variable)));
    return {
      ...{ loss: tf.add(square, size), losses: { square, size } },
      ...{ errors: tf.add(tf.sum(far), tf.sum(far)), answers: 2 * x.shape[0] },
    };
  }

  async reestimate(): Promise<void> {
    this.counted.reestimated++;
  }

  /** The error is how far the slope is off. */
  async test(): Promise<TestResult> {
    this.counted.tests++;
    const { data: weight } = await this.network.weight.read();
    const { data: bias } = await this.network.bias.read();
    return {
      error: Math.min(1, Math.abs(weight[0]! - 2)),
      count: 1,
      measures: { slope: weight[0]!, bias: bias[0]! },
    };
  }

  close(): void {
    this.counted.closed++;
  }
}

function* partsOf(xs: readonly number[], ys: readonly number[], parts: number): Generator<Points> {
  const most = Math.ceil(xs.length / parts);
  for (let start = 0; start < xs.length; start += most) {
    const column = (values: readonly number[]) => {
      const some = values.slice(start, start + most);
      return tf.tensor2d(some, [some.length, 1]);
    };
    const part: Points = { count: Math.min(most, xs.length - start), x: column(xs), y: column(ys) };
    try {
      yield part;
    } finally {
      tf.dispose([part.x, part.y, ...(part.weights ? [part.weights] : [])]);
    }
  }
}

/** 12 steps of 8 points, in 3 parts each, with all that has a state. */
export const lineRecipe: CommonRecipe = (() => {
  const { labelSmoothing, augmentation, reestimateImages, ...common } = recipe('digits', {
    ...{ batchSize: 8, iterations: 12, learningRate: 0.1, accumulation: 3, averaging: 0.5, clipNorm: 1 },
    schedule: { kind: 'plateau', factor: 0.5, patience: 0, threshold: 0.2 },
    warmup: { kind: 'until', learningRate: 0.05, error: 0.9 },
  });
  return common;
})();
