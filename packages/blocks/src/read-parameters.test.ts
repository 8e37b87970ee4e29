import { type Backend, useBackend } from '@resnet/backend';
import { Random, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BatchNorm, Conv2d, Linear, Sequential } from './index.js';

/**
 * Layers of every layout, with values that the backend has computed: others it still has as they came. WebGPU leaves
 * less than a thousand to the processor.
 */
function computed(): Sequential {
  const random = new Random(1);
  const convolution = new Conv2d({ inChannels: 16, outChannels: 16, size: 3, random });
  const linear = new Linear({ inFeatures: 40, outFeatures: 40, random });
  const network = new Sequential([convolution, new BatchNorm(16), linear]);
  change(network);
  return network;
}

/** Adds 1 to all values. */
function change(network: Sequential): void {
  for (const [, { variable }] of network.namedParameters()) {
    tf.tidy(() => variable.assign(tf.add(variable, 1)));
  }
}

describe.each(['cpu', 'wasm', 'webgpu'] as const)('reading a network on %s', (name) => {
  let backend: Backend | undefined;
  let reason: string | undefined;
  beforeAll(async () => {
    try {
      backend = await useBackend(name);
    } catch (error) {
      if (name !== 'webgpu' || !ResnetError.is(error)) throw error;
      reason = error.message;
    }
  });
  beforeEach(({ skip }) => skip(!backend, reason));
  afterAll(() => backend?.dispose());

  it('gives all values as they were when it began, whatever is done to the network after', async () => {
    const before = tf.memory().numTensors;
    const network = computed();
    const first = await network.stateDict();
    change(network);
    // As in a tidy, which disposes what is made in it.
    tf.engine().startScope();
    const reading = network.stateDict();
    tf.engine().endScope();
    change(network);
    const readingChanged = network.stateDict();
    network.dispose();
    for (const [added, state] of [await reading, await readingChanged].entries()) {
      expect([...state.keys()]).toEqual([...first.keys()]);
      for (const [name, { shape, data }] of state) {
        expect(shape).toEqual(first.get(name)!.shape);
        let expected = first.get(name)!.data;
        for (let times = 0; times <= added; times++) expected = expected.map((value) => value + 1);
        expect(data).toEqual(expected);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives copies', async () => {
    const network = computed();
    const expected = await network.stateDict();
    for (const { data } of (await network.stateDict()).values()) data.fill(7);
    expect(await network.stateDict()).toEqual(expected);
    network.dispose();
  });

  it('refuses to, where the network is disposed', async () => {
    const network = computed();
    network.dispose();
    await expect(network.stateDict()).rejects.toThrow('disposed');
  });
});
