import {
  type Backend,
  dequantizeInt8,
  fakeQuantizeWeights,
  softmaxCrossEntropy,
  useBackend,
} from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../networks/network.js';
import { create, type NetworkOptions } from '../networks/registry.js';
import type { ActivationRanges } from './activation-ranges.js';
import { fakeQuantizing } from './fake-quantization.js';
import { givesLogits, int8FormOf } from './form-of.js';
import { compute, type Value } from './int8-network.js';
import { stepsOf } from './int8-weights.js';
import { quantize, quantizeWith } from './quantize.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

/** A network whose running statistics are not those of the start, images, and ranges for them. */
async function prepared(name: string, options: NetworkOptions) {
  const network = create(name, { classes: 10, seed: 1, ...options });
  const [size] = network.inputShape;
  const x = tf.randomNormal<tf.Rank.R4>([8, size, size, 3], 0, 1, 'float32', 7);
  for (let pass = 0; pass < 20; pass++) network.forward(x).dispose();
  const { network: quantized } = await quantize(network, { calibration: x, method: 'mse' });
  const { ranges } = quantized.weights;
  quantized.dispose();
  return { network, x, ranges };
}

/** The root of the mean square of the difference, relative to that of the expected values. */
async function apart(found: tf.Tensor, expected: tf.Tensor): Promise<number> {
  const [a, b] = [await found.data(), await expected.data()];
  const squares = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(Array.from(a, (value, index) => value - b[index]!)) / squares(b));
}

/** The gradients of all trainable parameters, by their names. */
async function gradientsOf(network: Network, x: tf.Tensor4D): Promise<Map<string, Float32Array>> {
  const labels = tf.tensor1d(
    Array.from({ length: x.shape[0] }, (_, index) => index % 10),
    'int32',
  );
  const trainable = [...network.namedParameters()].filter(([, parameter]) => parameter.trainable);
  const { value, grads } = tf.variableGrads(
    () => softmaxCrossEntropy(network.forward(x), labels),
    trainable.map(([, { variable }]) => variable),
  );
  const result = new Map<string, Float32Array>();
  for (const [name, { variable }] of trainable) {
    result.set(name, await grads[variable.name]!.data<'float32'>());
  }
  tf.dispose([value, grads, labels]);
  return result;
}

const networks: [string, NetworkOptions][] = [
  ['resnet20', { shortcut: 'A' }],
  ['resnet20', { shortcut: 'B' }],
  ['plain20', {}],
  // With a max pool.
  ['resnet18', { imageSize: 32 }],
  // With layers in float32.
  ['highway19', {}],
];

describe('fake quantization', () => {
  it.each(networks)('computes in float32 what %s %j computes with bytes', async (name, options) => {
    const { network, x, ranges } = await prepared(name, options);
    const before = tf.memory().numTensors;
    const floats = await network.infer(x);
    network.fakeQuantization = ranges;
    const faked = await network.infer(x);
    const quantized = await quantizeWith(network, ranges);
    expect(quantized.weights.ranges).toEqual(ranges);
    const bytes = await quantized.infer(x);
    // What rounds to another byte in one layer, as sums of float32 are not exact, becomes more from layer to layer.
    expect(await apart(faked, bytes)).toBeLessThan(0.8 * (await apart(floats, bytes)));
    quantized.dispose();
    tf.dispose([floats, faked, bytes]);
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    network.dispose();
  });

  it.each(networks)('gives the same bytes in each step of %s %j', async (name, options) => {
    const { network, x, ranges } = await prepared(name, options);
    network.setTraining(false);
    const quantized = await quantizeWith(network, ranges);
    const { steps, output } = stepsOf(network);
    const computeFaked = fakeQuantizing(steps, output, ranges);
    const values = new Map<string, Value>([['input', { range: ranges.get('input')!, floats: x }]]);
    for (const [index, step] of quantized.steps.entries()) {
      const inputs = step.inputs.map((input) => values.get(input)!);
      const inFloats = inputs.map(({ bytes, floats, range }, position) =>
        tf.reshape(floats ?? dequantizeInt8(bytes!, range), [x.shape[0], ...step.inputShapes[position]!]),
      );
      const faked = computeFaked(steps[index]!, inFloats);
      const value = compute(step, inputs, givesLogits(step, step.form, output), (_, designed) => designed);
      values.set(step.name, value);
      const unit = step.name === output ? 1 : step.range.scale;
      const exact = value.floats ?? dequantizeInt8(value.bytes!, step.range);
      const [found, expected] = [await faked.data(), await exact.data()];
      const apart = Array.from(found, (number, at) => Math.abs(number - expected[at]!) / unit);
      const different = apart.filter((distance) => distance > 1e-3);
      expect(different.length / apart.length, step.name).toBeLessThan(2e-3);
      expect(Math.max(...different, 0), step.name).toBeLessThan(1.001);
    }
    quantized.dispose();
    network.dispose();
  });

  it('rounds filters to the bytes that they become with the normalization folded in', async () => {
    const { network, x, ranges } = await prepared('resnet20', { shortcut: 'B' });
    for (const [name, { variable }] of network.namedParameters()) {
      // Negative scales too.
      if (/bn\d\.weight$/.test(name)) variable.assign(tf.randomNormal(variable.shape));
    }
    const quantized = await quantizeWith(network, ranges);
    let [count, different] = [0, 0];
    for (const { first, operation } of stepsOf(network).steps) {
      const form = int8FormOf(operation);
      if (form?.kind !== 'convolution') continue;
      const folded = form.weights();
      const rounded = fakeQuantizeWeights(form.weight.variable);
      const [weights, foldedWeights] = [await form.weight.variable.data(), await folded.filter.data()];
      const values = await rounded.data();
      const { filter, scales } = quantized.weights.layers.get(first)!;
      for (const [index, byte] of filter.entries()) {
        // What folding multiplies the channel by.
        const factor = foldedWeights[index]! / weights[index]!;
        const expected = Math.round((values[index]! * factor) / scales[index % scales.length]!);
        count++;
        if (byte === expected) continue;
        different++;
        // A weight between two steps may be rounded either way.
        const exact = foldedWeights[index]! / scales[index % scales.length]!;
        expect(Math.abs(Math.abs(exact - Math.trunc(exact)) - 0.5)).toBeLessThan(1e-4);
      }
      tf.dispose([rounded, folded.filter, ...(folded.bias ? [folded.bias] : [])]);
    }
    expect(count).toBeGreaterThan(200_000);
    expect(different).toBeLessThan(10);
    quantized.dispose();
    x.dispose();
    network.dispose();
  });

  it('lets gradients pass as if nothing were rounded, but for what is outside of the ranges', async () => {
    const { network, x, ranges } = await prepared('resnet20', { shortcut: 'A' });
    network.setTraining(true);
    network.fakeQuantization = ranges;
    const within = await gradientsOf(network, x);
    expect([...within].filter(([, values]) => values.every((value) => value === 0))).toEqual([]);
    expect([...within].filter(([, values]) => !values.every(Number.isFinite))).toEqual([]);

    // Of this value nothing is within the range but zeros, and those have no gradient behind the ReLU.
    network.fakeQuantization = new Map(ranges).set('layer1.2.relu1', { scale: 1e-20, zero: 0 });
    const outside = await gradientsOf(network, x);
    expect(outside.get('layer1.2.conv1.weight')!.every((value) => value === 0)).toBe(true);
    for (const name of ['layer1.1.conv2.weight', 'layer1.2.bn2.weight']) {
      expect(
        outside.get(name)!.every((value) => value === 0),
        name,
      ).toBe(false);
    }
    x.dispose();
    network.dispose();
  });

  it.each([
    ['resnet20', { shortcut: 'A' }],
    ['highway19', {}],
  ] as [string, NetworkOptions][])(
    'gives the same gradients to the last bit with recompute: %s',
    async (name, options) => {
      const { network, x, ranges } = await prepared(name, options);
      network.setTraining(true);
      network.fakeQuantization = ranges;
      const before = tf.memory().numTensors;
      const kept = await gradientsOf(network, x);
      network.recompute = true;
      expect(await gradientsOf(network, x)).toEqual(kept);
      expect(tf.memory().numTensors).toBe(before);
      x.dispose();
      network.dispose();
    },
  );

  it('names a value that has no range', async () => {
    const network = create('resnet20', { seed: 1 });
    const x = tf.zeros<tf.Rank.R4>([1, 32, 32, 3]);
    const ranges: ActivationRanges = new Map([['input', { scale: 1, zero: 0 }]]);
    network.fakeQuantization = ranges;
    const expected = { code: 'OPTION_INVALID', message: expect.stringContaining("'relu'") };
    const before = tf.memory().numTensors;
    await expect(network.infer(x)).rejects.toMatchObject(expected);
    await expect(quantizeWith(network, ranges)).rejects.toMatchObject(expected);
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    network.dispose();
  });
});
