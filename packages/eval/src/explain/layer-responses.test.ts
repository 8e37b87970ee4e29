import type { StateDict } from '@resnet/blocks';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import { madeSet } from '@resnet/testing';
import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet, create, type Network, toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerResponses } from '../index.js';
import { Moments } from './moments.js';

useOneBackend();
let network: Network;
beforeAll(async () => {
  network = await lively();
});
afterAll(() => {
  network.dispose();
});

const set = madeSet({ count: 5, height: 16, width: 16, classes: ['a', 'b'] });
const normalization = IMAGENET_NORMALIZATION;

/**
 * A ResNet-8 whose normalizations do something, with channels that are dead: two of the first layer, and of the first block
 * three of the residual, of which the shortcut revives one.
 */
async function lively(): Promise<Network> {
  const made = cifarResNet(8, { seed: 1, classes: 2 });
  const state = await made.stateDict();
  const random = new Random(3);
  for (const [name, { data }] of state) {
    if (!name.includes('bn')) continue;
    const least = name.endsWith('bias') || name.endsWith('mean') ? -0.5 : 0.5;
    for (const place of data.keys()) data[place] = least + random.uniform();
  }
  const fix = (norm: string, values: Record<number, number>) => {
    for (const [channel, value] of Object.entries(values)) {
      state.get(`${norm}.weight`)!.data[Number(channel)] = 0;
      state.get(`${norm}.bias`)!.data[Number(channel)] = value;
    }
  };
  fix('bn1', { 3: -1, 5: 2, 7: -1, 9: 0.5 });
  fix('layer1.0.bn2', { 3: -1, 5: -1, 9: -1 });
  made.loadStateDict(state);
  return made;
}

/** A map in float64, [height, width, channels]. */
interface FloatMap {
  values: Float64Array;
  side: number;
  channels: number;
}

/** A 3×3 convolution with zeros around the map, and its normalization. */
function layer(state: StateDict, conv: string, norm: string, input: FloatMap, stride: number): FloatMap {
  const { shape, data: filter } = state.get(`${conv}.weight`)!;
  const [channels, inChannels] = shape as [number, number];
  const side = Math.ceil(input.side / stride);
  const values = new Float64Array(side * side * channels);
  const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
    (name) => state.get(`${norm}.${name}`)!.data,
  );
  for (let place = 0; place < values.length; place++) {
    const channel = place % channels;
    const [column, row] = [Math.floor(place / channels) % side, Math.floor(place / channels / side)];
    let sum = 0;
    for (let tap = 0; tap < 9; tap++) {
      const y = row * stride + Math.floor(tap / 3) - 1;
      const x = column * stride + (tap % 3) - 1;
      if (Math.min(x, y) < 0 || Math.max(x, y) >= input.side) continue;
      for (let from = 0; from < inChannels; from++) {
        const pixel = input.values[(y * input.side + x) * inChannels + from]!;
        sum += pixel * filter[(channel * inChannels + from) * 9 + tap]!;
      }
    }
    const normalized = (sum - mean![channel]!) / Math.sqrt(variance![channel]! + 1e-5);
    values[place] = gamma![channel]! * normalized + beta![channel]!;
  }
  return { values, side, channels };
}

const relu = (map: FloatMap) => ({ ...map, values: map.values.map((value) => Math.max(0, value)) });

/** With a shortcut of option A: every second place, and half of the new channels before the old ones. */
function added(map: FloatMap, input: FloatMap): FloatMap {
  const stride = input.side / map.side;
  const before = (map.channels - input.channels) / 2;
  const values = map.values.map((value, place) => {
    const channel = (place % map.channels) - before;
    if (channel < 0 || channel >= input.channels) return value;
    const column = Math.floor(place / map.channels) % map.side;
    const row = Math.floor(place / map.channels / map.side);
    return value + input.values[(row * stride * input.side + column * stride) * input.channels + channel]!;
  });
  return { ...map, values };
}

/** For each layer its responses, and what the ReLU that follows gives, for one image. */
function responsesOf(state: StateDict, image: FloatMap): { response: FloatMap; active: FloatMap }[] {
  const first = layer(state, 'conv1', 'bn1', image, 1);
  let current = relu(first);
  const found = [{ response: first, active: current }];
  for (const stage of [1, 2, 3]) {
    const block = `layer${stage}.0`;
    const inner = layer(state, `${block}.conv1`, `${block}.bn1`, current, stage === 1 ? 1 : 2);
    const hidden = relu(inner);
    const residual = layer(state, `${block}.conv2`, `${block}.bn2`, hidden, 1);
    current = relu(added(residual, current));
    found.push({ response: inner, active: hidden }, { response: residual, active: current });
  }
  return found;
}

describe('layerResponses', () => {
  it('has the deviations, means and dead channels that float64 finds, in any batch size', async () => {
    const state = await network.stateDict();
    const x = toTensor(set, normalization);
    const pixels = await x.data();
    x.dispose();
    const size = pixels.length / set.count;
    const images = Array.from({ length: set.count }, (_, index) =>
      responsesOf(state, {
        values: Float64Array.from(pixels.subarray(index * size, (index + 1) * size)),
        side: 16,
        channels: 3,
      }),
    );
    const expected = images[0]!.map((_, place) => {
      const values = images.flatMap((image) => [...image[place]!.response.values]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const { channels } = images[0]![place]!.active;
      const alive = new Set(
        images.flatMap((image) =>
          [...image[place]!.active.values].flatMap((value, at) => (value > 0 ? [at % channels] : [])),
        ),
      );
      return { mean, std: Math.sqrt(variance), channels, deadChannels: channels - alive.size };
    });
    expect(expected.slice(0, 3).map(({ deadChannels }) => deadChannels)).toEqual([2, 0, 2]);

    network.setTraining(true);
    const before = tf.memory().numTensors;
    const whole = await layerResponses(network, set, { normalization });
    expect(tf.memory().numTensors).toBe(before);
    expect(network.training).toBe(true);
    expect(await network.stateDict()).toEqual(state);
    expect(whole.map(({ name }) => name)).toEqual([
      'conv1',
      ...[1, 2, 3].flatMap((stage) => [`layer${stage}.0.conv1`, `layer${stage}.0.conv2`]),
    ]);
    for (const [place, { std, mean, channels, deadChannels }] of expected.entries()) {
      const response = whole[place]!;
      expect(response).toMatchObject({ size: 3, channels, deadChannels });
      expect(Math.abs(response.std / std - 1)).toBeLessThan(1e-5);
      expect(Math.abs(response.mean - mean) / std).toBeLessThan(1e-5);
    }
    const parts = await layerResponses(network, set, { normalization, batchSize: 2 });
    for (const [place, { std, mean, deadChannels }] of parts.entries()) {
      expect(Math.abs(std / whole[place]!.std - 1)).toBeLessThan(1e-6);
      expect(Math.abs(mean - whole[place]!.mean) / std).toBeLessThan(1e-6);
      expect(deadChannels).toBe(whole[place]!.deadChannels);
    }
  });

  it('takes bottlenecks’ convolutions of 1×1 too, but no projections', async () => {
    const bottlenecks = create('resnet50', { stem: 'small', classes: 2 });
    const one = madeSet({ count: 1, height: 8, width: 8, classes: ['a', 'b'] });
    const responses = await layerResponses(bottlenecks, one, { normalization });
    bottlenecks.dispose();
    expect(responses).toHaveLength(49);
    expect(responses.slice(0, 4).map(({ name, size }) => [name, size])).toEqual([
      ['conv1', 3],
      ['layer1.0.conv1', 1],
      ['layer1.0.conv2', 3],
      ['layer1.0.conv3', 1],
    ]);
  });

  it('reports progress, and stops when asked', async () => {
    const seen: [number, number][] = [];
    const options = { normalization, batchSize: 2 };
    await layerResponses(network, set, {
      ...options,
      onProgress: ({ count, total }) => seen.push([count, total]),
    });
    expect(seen).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
    const before = tf.memory().numTensors;
    const stopped = layerResponses(network, set, { ...options, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses networks without normalizations, and sets of other channels or more classes', async () => {
    const bare = create('highway19', { classes: 2 });
    await expect(layerResponses(bare, set, { normalization })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('highway19 has none'),
    });
    bare.dispose();
    for (const sizes of [{ channels: 1 }, { classes: ['a', 'b', 'c'] }]) {
      const other = madeSet({ ...set, ...sizes });
      const refused = layerResponses(network, other, { normalization });
      await expect(refused).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    }
  });
});

describe('Moments', () => {
  it('keeps its digits where the mean is large', () => {
    const moments = new Moments();
    const values = Array.from({ length: 1000 }, (_, index) => 1e9 + (index % 2));
    moments.add(values.slice(0, 300));
    moments.add(values.slice(300));
    expect(moments.mean).toBe(1e9 + 0.5);
    expect(moments.std).toBe(0.5);
  });
});
