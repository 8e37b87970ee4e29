import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type Image } from '@resnet/data';
import { useOneBackend, valuesOf } from '@resnet/testing/backends';
import {
  cifarPlain,
  cifarResNet,
  features,
  type Highway,
  highway,
  type Network,
  toTensor,
} from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { gradCam, predict } from '../index.js';

const normalization = IMAGENET_NORMALIZATION;
useOneBackend();

function noise(): Image {
  const random = new Random(6);
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, () => random.int(256));
  return { pixels, height: 32, width: 32, channels: 3 };
}

/** What a network has in 'layer3' for the noise: [8 · 8 places][channels]. */
function lastMaps(network: Network): Promise<Float32Array> {
  network.setTraining(false);
  const { pixels: images, ...size } = noise();
  return valuesOf(() => {
    const x = toTensor({ images, count: 1, ...size }, normalization);
    return features(network, x, ['layer3']).layer3;
  });
}

/** The channels' weighted sum at each place, in float64, without what is below 0, by the largest. */
function heatOf(maps: Float32Array, weights: readonly number[]): number[] {
  const heat = Array.from({ length: maps.length / weights.length }, (_, place) =>
    Math.max(
      0,
      weights.reduce((sum, weight, channel) => sum + weight * maps[place * weights.length + channel]!, 0),
    ),
  );
  const largest = Math.max(...heat);
  return heat.map((value) => (largest > 0 ? value / largest : 0));
}

function expectNear(found: Float32Array, expected: readonly number[], tolerance: number) {
  expect(found.length).toBe(expected.length);
  for (const [place, value] of found.entries()) {
    expect(Math.abs(value - expected[place]!), `place ${place}`).toBeLessThan(tolerance);
  }
}

describe('gradCam', () => {
  it.each([
    ['residual', () => cifarResNet(8, { seed: 1 })],
    ['plain', () => cifarPlain(8, { seed: 1 })],
  ])('weighs the channels of a %s network by the weights of the last layer', async (_, build) => {
    const network = build();
    const maps = await lastMaps(network);
    const weights = await network.fc.weight.variable.data();
    const largest = new Set<number>();
    for (let index = 0; index < 10; index++) {
      const ofClass = Array.from({ length: 64 }, (_, channel) => weights[channel * 10 + index]!);
      const { heat, height, width } = await gradCam(network, noise(), { normalization, index });
      expect([height, width]).toEqual([8, 8]);
      expectNear(heat, heatOf(maps, ofClass), 1e-5);
      largest.add(Math.max(...heat));
    }
    // For some classes of an untrained network nothing speaks.
    expect([...largest].sort()).toEqual([0, 1]);
    network.dispose();
  });

  it('follows a tail that is not linear, as finite differences in float64 find', async () => {
    const network = highway(19, { seed: 2 });
    // Biases for the ReLU of the tail, so that some of its places are closed.
    const random = new Random(3);
    const bias = network.conv.bias!.variable;
    tf.tidy(() => bias.assign(tf.tensor1d(Array.from({ length: bias.size }, () => random.normal() - 0.5))));
    const maps = await lastMaps(network);
    const logits = await tailOf(network);
    const slopes = Array.from({ length: 128 }, (_, channel) => {
      const [up, down] = [1e-6, -1e-6].map((step) =>
        logits(Float64Array.from(maps, (value, place) => (place % 128 === channel ? value + step : value))),
      );
      return up!.map((logit, index) => (logit - down![index]!) / 2e-6);
    });
    for (const index of [0, 7]) {
      const { heat } = await gradCam(network, noise(), { normalization, index });
      const weights = slopes.map((slope) => slope[index]!);
      expectNear(heat, heatOf(maps, weights), 1e-4);
      expect(Math.max(...heat)).toBe(1);
    }
    network.dispose();
  });

  it('takes the most probable class unless told, and tells the probability', async () => {
    const network = cifarResNet(8, { seed: 4 });
    const [best, second] = await predict(network, noise(), { normalization });
    const found = await gradCam(network, noise(), { normalization });
    expect(found.index).toBe(best!.index);
    expect(found.probability).toBeCloseTo(best!.probability, 6);
    expect(found).toEqual(await gradCam(network, noise(), { normalization, index: best!.index }));
    const other = await gradCam(network, noise(), { normalization, index: second!.index });
    expect(other.probability).toBeCloseTo(second!.probability, 6);
    expect(other.heat).not.toEqual(found.heat);
    network.dispose();
  });

  it('stays all zero where nothing speaks for the class', async () => {
    const network = cifarResNet(8, { seed: 1 });
    const { variable } = network.fc.weight;
    // Behind a ReLU no map is below 0.
    tf.tidy(() => variable.assign(tf.fill(variable.shape, -1)));
    const { heat } = await gradCam(network, noise(), { normalization, index: 3 });
    expect([...heat]).toEqual(Array(64).fill(0));
    network.dispose();
  });

  it('runs in inference mode, brings the network back in its own, and leaks nothing', async () => {
    const network = cifarResNet(8, { seed: 1 });
    network.setTraining(false);
    const expected = await gradCam(network, noise(), { normalization });
    const statistics = await network.stateDict();
    network.setTraining(true);
    const before = tf.memory().numTensors;
    expect(await gradCam(network, noise(), { normalization })).toEqual(expected);
    expect(network.training).toBe(true);
    expect(await network.stateDict()).toEqual(statistics);
    const gray = { ...noise(), channels: 1 };
    await expect(gradCam(network, gray, { normalization })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    expect(network.training).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('differentiates nothing before the last maps', async () => {
    const network = cifarResNet(8, { seed: 1 });
    const { kernels } = await tf.profile(async () => {
      await gradCam(network, noise(), { normalization });
    });
    const names = kernels.map(({ name }) => name);
    expect(names.filter((name) => name === 'ConvBatchNormInference').length).toBe(7);
    expect(names.filter((name) => /Gradient|Backprop/.test(name))).toEqual(['GlobalAveragePoolGradient']);
    network.dispose();
  });

  it.each([-1, 10, 1.5, Number.NaN])('refuses the class %s', async (index) => {
    const network = cifarResNet(8);
    await expect(gradCam(network, noise(), { normalization, index })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: `the index of one of the network's classes must be an integer from 0 to 9, found ${index}.`,
    });
    network.dispose();
  });
});

/** What a highway network makes of its last maps, in float64: 1×1 convolution, ReLU, mean, fully connected layer. */
async function tailOf({ conv, fc }: Highway): Promise<(maps: Float64Array) => number[]> {
  const [filter, bias, matrix, offset] = (await Promise.all(
    [conv.weight, conv.bias!, fc.weight, fc.bias].map(({ variable }) => variable.data()),
  )) as [Float32Array, Float32Array, Float32Array, Float32Array];
  return (maps) => {
    const means = new Float64Array(100);
    for (let place = 0; place < 64; place++) {
      for (let to = 0; to < 100; to++) {
        let sum = bias[to]!;
        for (let from = 0; from < 128; from++) sum += maps[place * 128 + from]! * filter[from * 100 + to]!;
        means[to]! += Math.max(0, sum) / 64;
      }
    }
    return Array.from(offset, (start, index) =>
      means.reduce((sum, mean, from) => sum + mean * matrix[from * 10 + index]!, start),
    );
  };
}
