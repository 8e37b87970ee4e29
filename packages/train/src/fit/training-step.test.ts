import { loader } from '@resnet/data';
import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Sgd } from '../optimizer/sgd.js';
import { type Recipe, recipe } from '../recipe/recipe.js';
import { normalization, stripes, trainingStep } from '../test-support.js';
import { LabeledInput } from './labeled-input.js';

useOneBackend();

const plain = recipe('digits', { momentum: 0, weightDecay: 0 });

/** The change of all parameters by one step, with batch normalization as in inference, so that images don't mix. */
async function changeBy(
  changes: Partial<Recipe>,
): Promise<{ change: Float32Array; loss: number; errors: number }> {
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 2 });
  network.setTraining(false);
  const optimizer = new Sgd(network, plain);
  const before = await Promise.all(
    optimizer.variables.map(async (variable) => (await variable.data()).slice()),
  );
  const settings = { ...plain, ...changes };
  let result: { loss: number; errors: number } | undefined;
  for await (const batch of loader(stripes(10), { batchSize: 10 }).epoch(0)) {
    const input = new LabeledInput(batch, normalization, settings.accumulation);
    result = await trainingStep({ network, optimizer, recipe: settings }, input, 0.5);
  }
  const after = await Promise.all(optimizer.variables.map((variable) => variable.data()));
  const change = after.flatMap((values, index) =>
    Array.from(values, (value, element) => value - before[index]![element]!),
  );
  optimizer.dispose();
  network.dispose();
  return { change: Float32Array.from(change), ...result! };
}

const norm = (values: Float32Array) => Math.hypot(...values);
const apart = (a: Float32Array, b: Float32Array) =>
  norm(a.map((value, index) => value - b[index]!)) / norm(b);

it('takes the same step in parts as at once, and leaves no tensor', async () => {
  const before = tf.memory().numTensors;
  const whole = await changeBy({});
  for (const accumulation of [2, 3, 10, 64]) {
    const parts = await changeBy({ accumulation });
    expect(apart(parts.change, whole.change)).toBeLessThan(1e-5);
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
    expect(parts.errors).toBe(whole.errors);
  }
  expect(tf.memory().numTensors).toBe(before);
});

it('scales gradients down to a norm, but never up', async () => {
  const whole = await changeBy({});
  const most = norm(whole.change) / 0.5;
  const clipped = await changeBy({ clipNorm: most / 4 });
  expect(norm(clipped.change) / 0.5 / (most / 4)).toBeCloseTo(1, 3);
  expect(
    apart(
      clipped.change.map((value) => 4 * value),
      whole.change,
    ),
  ).toBeLessThan(1e-3);
  expect((await changeBy({ clipNorm: most * 2 })).change).toEqual(whole.change);
});

it('counts mixed images by the class that they have more of', async () => {
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 2 });
  network.setTraining(false);
  const optimizer = new Sgd(network, plain);
  for await (const batch of loader(stripes(10), { batchSize: 10 }).epoch(0)) {
    const labels = batch.labels.map((label) => 1 - label);
    const step = (share: number) => {
      const input = new LabeledInput({ ...batch, mixed: { labels, share } }, normalization, 1);
      return trainingStep({ network, optimizer, recipe: plain }, input, 1e-9);
    };
    const [own, other, half] = [await step(1), await step(0), await step(0.75)];
    expect(own.errors + other.errors).toBe(10);
    expect(half.errors).toBe(own.errors);
    expect(half.loss).toBeCloseTo(0.75 * own.loss + 0.25 * other.loss, 5);
  }
  optimizer.dispose();
  network.dispose();
});
