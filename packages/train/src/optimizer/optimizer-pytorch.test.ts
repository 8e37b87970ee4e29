import { BatchNorm, Linear, Module, Parameter } from '@resnet/blocks';
import { Random } from '@resnet/core';
import type { Batch } from '@resnet/data';
import { backendsUnderTest, useBackendUnderTest } from '@resnet/testing/backends';
import type { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/optimizer.json' with { type: 'json' };
import { LabeledInput } from '../fit/labeled-input.js';
import { type Recipe, recipe } from '../recipe/recipe.js';
import { normalization, trainingStep } from '../test-support.js';
import { Averages } from './averages.js';
import { afterTest, learningRateAt, type Schedule, scheduleStart, type Warmup } from './schedule.js';
import { Sgd } from './sgd.js';

// Weights and gradients come from a formula that scripts/fixtures/optimizer.py and this file have in common.

const STEPS = 100;

/** Largest difference that passes, in the largest value: of a hundred roundings; PyTorch was in float64. */
const tolerance = 1e-6;

/** In the order in which the formula numbers their values, with their shapes in files. */
const shapes: Record<string, number[]> = {
  'fc.weight': [4, 3],
  'fc.bias': [4],
  'bn1.weight': [3],
  'bn1.bias': [3],
};
const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const size = Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);

/** The formula: numbers of 16 bits in [-1, 1), each far from its neighbors. */
const formula = (index: number) => (((7919 * index) % 65521) - 32760) / 32768;
const initialWeights = Float32Array.from({ length: size }, (_, place) => formula(place));
const gradientsOf = (step: number) =>
  Float32Array.from({ length: size }, (_, place) => 2 ** -(step % 3) * formula(size * step + place));

/** A network whose loss has the formula's gradients, those of the next step whenever it is asked. */
class GivenGradients extends Module<tf.Tensor4D, tf.Tensor2D> {
  readonly fc = new Linear({ inFeatures: 3, outFeatures: 4, random: new Random(0) });
  readonly bn1 = new BatchNorm(3);
  #calls = 0;

  constructor() {
    super();
    this.#each(initialWeights, (parameter, shape, data) => parameter.write({ shape, data }));
  }

  override forward(images: tf.Tensor4D): tf.Tensor2D {
    const variables: tf.Tensor[] = [];
    const makers: (() => tf.Tensor)[] = [];
    this.#calls++;
    this.#each(gradientsOf(this.#calls), ({ variable, layout }, shape, data) => {
      variables.push(variable);
      makers.push(() =>
        layout === 'matrix' ? tf.transpose(tf.tensor(data, shape)) : tf.tensor(data, shape),
      );
    });
    const count = images.shape[0];
    return tf.customGrad(() => ({
      value: tf.zeros([count, 2]),
      // Of two equal logits, what comes back from the mean of n losses is ±1/2n: together 1.
      gradFunc: (dy: tf.Tensor) => {
        const share = tf.sum(tf.abs(dy));
        return makers.map((make) => tf.mul(make(), share));
      },
    }))(...variables) as tf.Tensor2D;
  }

  override describe(): never {
    throw new Error('not described here');
  }

  /** All values in one list. */
  async values(): Promise<number[]> {
    const state = await this.stateDict();
    return Object.keys(shapes).flatMap((name) => [...state.get(name)!.data]);
  }

  #each(
    values: Float32Array,
    use: (parameter: Parameter, shape: number[], data: Float32Array) => void,
  ): void {
    const parameters = new Map(this.namedParameters());
    let start = 0;
    for (const [name, shape] of Object.entries(shapes)) {
      use(parameters.get(name)!, shape, values.subarray(start, start + sizeOf(shape)));
      start += sizeOf(shape);
    }
  }
}

/** Its logits are its parameters. */
class Logits extends Module<tf.Tensor4D, tf.Tensor2D> {
  constructor(readonly logits: Parameter) {
    super();
  }

  override forward(): tf.Tensor2D {
    return this.logits.variable.clone() as tf.Tensor2D;
  }

  override describe(): never {
    throw new Error('not described here');
  }
}

/** Images that nobody looks at. */
function batchOf(labels: number[]): Batch {
  const count = labels.length;
  return {
    images: new Uint8Array(count),
    labels: Int32Array.from(labels),
    count,
    height: 1,
    width: 1,
    channels: 1,
  };
}

/** The recipe of each case. */
const base = recipe('digits', {
  iterations: STEPS,
  learningRate: 0.1,
  schedule: { kind: 'constant' },
  momentum: 0.9,
  weightDecay: 1e-4,
});
const drop: Schedule = { kind: 'steps', milestones: [STEPS / 2], factor: 0.1 };
const changes: Record<keyof typeof fixture.optimizers, Partial<Recipe>> = {
  'momentum and weight decay': {},
  nesterov: { rule: 'nesterov' },
  'no momentum': { momentum: 0 },
  'no decay of vectors': { weightDecay: 0.01, decayed: 'weights' },
  'clipped to norm 1': { clipNorm: 1 },
  'four batches a step': { accumulation: 4 },
  'learning rate divided by 10': { schedule: drop },
  'moving average': { averaging: 0.99 },
  'caffe, learning rate divided by 10': { rule: 'caffe', schedule: drop },
  'decoupled decay': { weightDecay: 0.01, isDecayDecoupled: true },
};

/** The largest difference, in the largest of the expected values. */
function apart(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const differences = expected.map((value, index) => Math.abs(value - actual[index]!));
  return Math.max(...differences) / Math.max(...expected.map(Math.abs));
}

describe.each(backendsUnderTest)('on $label', (underTest) => {
  useBackendUnderTest(underTest);

  const names = Object.keys(changes) as (keyof typeof changes)[];
  it.each(names)('a hundred steps agree with PyTorch: %s', async (name) => {
    const before = tf.memory().numTensors;
    const expected: { weights: Record<string, number[]>; averages?: Record<string, number[]> } =
      fixture.optimizers[name];
    const settings = { ...base, ...changes[name] };
    const { accumulation, averaging } = settings;
    const network = new GivenGradients();
    const optimizer = new Sgd(network, settings);
    const averages = averaging === null ? undefined : new Averages(network, averaging);
    const batch = batchOf(new Array(accumulation).fill(0));
    let compared = 0;
    for (let step = 1; step <= STEPS; step++) {
      await trainingStep(
        { network: network as unknown as Network, optimizer, recipe: settings },
        new LabeledInput(batch, normalization, accumulation),
        learningRateAt(settings, step - 1),
        step,
      );
      averages?.update();
      const weights = expected.weights[step];
      if (!weights) continue;
      compared++;
      expect(apart(await network.values(), weights), `weights after ${step}`).toBeLessThan(tolerance);
      if (!averages) continue;
      averages.exchange();
      expect(apart(await network.values(), expected.averages![step]!), `averages after ${step}`).toBeLessThan(
        tolerance,
      );
      averages.exchange();
    }
    expect(compared).toBe(5);
    averages?.dispose();
    optimizer.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('the loss of smoothed labels and its gradient agree with PyTorch', async () => {
    const { smoothing, labels, loss, gradient } = fixture.labelSmoothing;
    const logits = Float32Array.from({ length: 50 }, (_, index) => 4 * formula(index));
    const network = new Logits(new Parameter(() => logits, [5, 10], 'vector'));
    const settings = { ...base, momentum: 0, weightDecay: 0, labelSmoothing: smoothing };
    const optimizer = new Sgd(network, settings);
    const result = await trainingStep(
      { network: network as unknown as Network, optimizer, recipe: settings },
      new LabeledInput(batchOf(labels), normalization, 1),
      1,
      1,
    );
    const { data: changed } = await network.logits.read();
    expect(result.loss / loss).toBeCloseTo(1, 6);
    const change = Array.from(logits, (value, index) => value - changed[index]!);
    expect(apart(change, gradient)).toBeLessThan(1e-6);
    optimizer.dispose();
    network.dispose();
  });
});

describe('learning rates agree with PyTorch', () => {
  const milestones: Schedule = { kind: 'steps', milestones: [32, 48], factor: 0.1 };
  const oneCycle = { kind: 'one-cycle', rise: 0.3, startDivisor: 25, endDivisor: 1e4 } as const;
  const cases: Record<keyof typeof fixture.schedules, { schedule: Schedule; warmup?: Warmup }> = {
    milestones: { schedule: milestones },
    'warm-up and milestones': {
      schedule: milestones,
      warmup: { kind: 'linear', iterations: 10, start: 0.1 },
    },
    cosine: { schedule: { kind: 'cosine' } },
    'polynomial 0.9': { schedule: { kind: 'polynomial', power: 0.9 } },
    'polynomial 2': { schedule: { kind: 'polynomial', power: 2 } },
    'one cycle, cosine': { schedule: { ...oneCycle, shape: 'cosine' } },
    'one cycle, linear': { schedule: { ...oneCycle, shape: 'linear' } },
  };

  it.each(Object.keys(cases) as (keyof typeof cases)[])('%s', (name) => {
    const rates = fixture.schedules[name];
    expect(rates).toHaveLength(STEPS);
    for (const [iteration, expected] of rates.entries()) {
      const rate = learningRateAt({ ...base, ...cases[name] }, iteration);
      expect(Math.abs(rate / expected - 1), `rate of iteration ${iteration}`).toBeLessThan(1e-9);
    }
  });

  it('plateau', () => {
    const { factor, patience, threshold, errors, rates } = fixture.plateau;
    const settings = { ...base, schedule: { kind: 'plateau', factor, patience, threshold } as const };
    let state = scheduleStart;
    const found = errors.map((error, test) => {
      state = afterTest(settings, state, error);
      return learningRateAt(settings, test, state);
    });
    for (const [test, rate] of rates.entries()) expect(found[test]! / rate).toBeCloseTo(1, 9);
    expect(state.reductions).toBe(5);
  });
});
