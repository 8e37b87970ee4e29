import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import type { Batch, Normalization } from '@resnet/data';
import { bits, hashOf, uniform } from '@resnet/testing';
import { create, type Network } from '@resnet/zoo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from '../../fixtures/learning-curve.json' with { type: 'json' };
import { Sgd } from '../optimizer/sgd.js';
import { recipe } from '../recipe/recipe.js';
import { trainingStep } from '../test-support.js';
import { LabeledInput } from './labeled-input.js';

// Weights and images come from a formula that scripts/fixtures/learning-curve.py and this file have in
// common; it says why the learning rate is low.

/** Largest relative difference that passes; PyTorch's own float32 is less than 1e-4 from its float64. */
const tolerance = 1e-3;

const { steps, batchSize, learningRate, momentum, weightDecay } = fixture;
const settings = recipe('digits', { batchSize, iterations: steps, learningRate, momentum, weightDecay });
const normalization: Normalization = {
  mean: new Float32Array(3).fill(fixture.mean),
  std: new Float32Array(3).fill(fixture.std),
};

/** Rows and columns: each class has waves of its own direction. */
const directions = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
  [1, 2],
  [2, 1],
  [2, -1],
  [1, -2],
  [0, 3],
  [3, 0],
] as const;

function initialValues(name: string, shape: readonly number[]): Float32Array {
  const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
  if (shape.length === 1) return data.fill(/\.(weight|running_var)$/.test(name) ? 1 : 0);
  if (name === 'fc.weight') return data;
  const bound = Math.sqrt(6 / (data.length / shape[0]!));
  const hash = hashOf(name);
  return data.map((_, index) => bound * uniform(hash, index));
}

function initialState(network: Network): StateDict {
  return new Map(
    [...network.namedParameters()].map(([name, { storedShape }]) => [
      name,
      { shape: storedShape, data: initialValues(name, storedShape) },
    ]),
  );
}

/** Images of a step, no two alike: waves of 16 places from a random place on, and as much noise. */
function batchOf(step: number): Batch {
  const [noise, shifts] = [hashOf(`noise ${step}`), hashOf(`shift ${step}`)];
  const images = new Uint8Array(batchSize * 32 * 32 * 3);
  const labels = Int32Array.from({ length: batchSize }, (_, index) => index % 10);
  let to = 0;
  for (const [index, label] of labels.entries()) {
    const [along, across] = directions[label]!;
    const shift = bits(shifts, index) >>> 28;
    for (let row = 0; row < 32; row++) {
      for (let column = 0; column < 32; column++) {
        for (let color = 0; color < 3; color++) {
          const place = (along * row + across * column + label * color + shift) & 15;
          const wave = Math.abs(place - 8) / 4 + 1;
          // The formula counts as PyTorch's tensors do: planes of rows.
          images[to++] = 64 * (wave + uniform(noise, ((index * 3 + color) * 32 + row) * 32 + column));
        }
      }
    }
  }
  return { images, labels, count: batchSize, height: 32, width: 32, channels: 3 };
}

describe('fifty training steps agree with PyTorch', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend('wasm', { threads: 2 });
  });
  afterAll(() => backend.dispose());

  it.each(['resnet20', 'plain20'] as const)('%s', async (name) => {
    const { losses } = fixture.networks[name];
    const network = create(name);
    network.loadStateDict(initialState(network));
    const optimizer = new Sgd(network, settings);
    let [worst, worstStep] = [0, 0];
    for (const [step, expected] of losses.entries()) {
      const batch = batchOf(step);
      const { loss } = await trainingStep(
        { network, optimizer, recipe: settings },
        new LabeledInput(batch, normalization, 1),
        learningRate,
        step + 1,
      );
      const difference = Math.abs(loss / expected - 1);
      if (difference > worst) [worst, worstStep] = [difference, step];
    }
    console.log(`${name}: largest difference ${worst.toExponential(1)}, in step ${worstStep + 1}`);
    expect(worst, `relative difference of the loss in step ${worstStep + 1}`).toBeLessThan(tolerance);
    optimizer.dispose();
    network.dispose();
  });
});
