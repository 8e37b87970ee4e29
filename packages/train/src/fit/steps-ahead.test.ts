import { type Backend, useBackend } from '@resnet/backend';
import { type Batch, loader } from '@resnet/data';
import { cifarResNet } from '@resnet/zoo';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sgd } from '../optimizer/sgd.js';
import { type Recipe, recipe } from '../recipe/recipe.js';
import { classifying, normalization, stripes } from '../test-support.js';
import { LabeledInput } from './labeled-input.js';
import { LineTask, lineRecipe } from './testing.js';
import { Stepper, type TrainingStep } from './training-step.js';

let backend: Backend;
const batches: Batch[] = [];
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  for await (const batch of loader(stripes(20), { batchSize: 4 }).epoch(0)) batches.push(batch);
});
afterAll(() => backend.dispose());

const broken = { ...normalization, mean: Float32Array.of(Number.NaN) };

/**
 * Begins a step for each batch, whose results are read when all have begun: the losses, or what they end with, and the weights and
 * velocities.
 */
async function steps(isAhead: boolean, changes: Partial<Recipe> = {}, brokenStep = -1) {
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 2 });
  const settings = recipe('cifar10-paper', { learningRate: 0.05, ...changes });
  const optimizer = new Sgd(network, settings);
  const stepper = new Stepper({ task: classifying(network, settings), optimizer, recipe: settings, isAhead });
  const weights = async () =>
    [...(await network.stateDict()), ...(await optimizer.stateDict())]
      .filter(([name]) => !/running|num_batches/.test(name))
      .map(([, { data }]) => data.slice());
  const begun: TrainingStep[] = [];
  const results: unknown[] = [];
  const read = async (step: TrainingStep) => {
    results.push(
      await step.result().then(
        ({ loss }) => loss,
        ({ code, message }) => ({ code, message }),
      ),
    );
    step.dispose();
  };
  const after = [await weights()];
  for (const [index, batch] of batches.entries()) {
    const input = new LabeledInput(batch, index === brokenStep ? broken : normalization, 1);
    begun.push(await stepper.begin(input, 0.05, index + 1));
    if (!isAhead) await read(begun.pop()!);
    after.push(await weights());
  }
  for (const step of begun) await read(step);
  stepper.dispose();
  optimizer.dispose();
  network.dispose();
  return { results, after };
}

it('takes the same steps whether it waits for the results or not', async () => {
  const waiting = await steps(false);
  expect(waiting.after[5]).not.toEqual(waiting.after[0]);
  expect(await steps(true)).toEqual(waiting);
});

it('scales gradients down to a norm without waiting, but for the last bits', async () => {
  const clipped = { clipNorm: 0.5 };
  const waiting = await steps(false, clipped);
  const { after } = await steps(true, clipped);
  expect(waiting.after).not.toEqual((await steps(false)).after);
  for (const [tensor, values] of after.at(-1)!.entries()) {
    const expected = waiting.after.at(-1)![tensor]!;
    for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
  }
});

it('changes no weight from a broken step on, until its result is read', async () => {
  const { results, after } = await steps(true, {}, 2);
  expect(results[2]).toEqual({
    code: 'LOSS_NOT_FINITE',
    message: expect.stringContaining('the loss of step 3'),
  });
  expect(after[2]).not.toEqual(after[1]);
  for (const later of [3, 4, 5]) expect(after[later]).toEqual(after[2]);
});

it('reads what the loss is made of with the loss, whether it waits or not', async () => {
  const results = [];
  for (const isAhead of [false, true]) {
    const task = new LineTask(lineRecipe);
    const optimizer = new Sgd(task.network, lineRecipe);
    const stepper = new Stepper({ task, optimizer, recipe: { clipNorm: null }, isAhead });
    for await (const input of task.epoch(0, 3)) {
      const step = await stepper.begin(input, 0.1, 1);
      const { loss, errors, answers, losses } = await step.result();
      results.push({ loss, errors, answers, losses });
      step.dispose();
    }
    stepper.dispose();
    optimizer.dispose();
    task.network.dispose();
  }
  expect(results).toHaveLength(4);
  expect(results.slice(2)).toEqual(results.slice(0, 2));
  for (const { loss, answers, losses } of results) {
    expect(answers).toBe(2 * lineRecipe.batchSize);
    const { square, size } = losses as { square: number; size: number };
    expect(square + size).toBeCloseTo(loss, 5);
  }
});
