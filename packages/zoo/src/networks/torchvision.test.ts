import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { bits, hashOf, uniform } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from '../../fixtures/torchvision/references.json' with { type: 'json' };
import { features, fuse, type ImageNetOptions, imageNetResNet, type Network, vgg } from '../index.js';

// The references are torchvision's networks, in float64, on weights and images of a formula that
// scripts/fixtures/imagenet-networks.py and this file have in common; it says what the numbers are.

interface Digest {
  /** In PyTorch's order: [count, channels, height, width]. */
  shape: number[];
  largest: number;
  mean: number;
  weighted: number;
  samples: number[];
}

interface Reference {
  input: number[];
  weights: { count: number; hash: number; sum: number };
  stages: Record<string, Digest>;
}

const references: Record<string, Reference> = fixture.cases;

/** Largest difference that passes, in the largest value of the stage; PyTorch's own in float32 is 1e-6. */
const tolerance = 1e-4;

const networks: Record<string, () => Network> = {
  resnet18: () => resNet(18),
  resnet34: () => resNet(34),
  resnet50: () => resNet(50),
  resnet101: () => resNet(101),
  resnet152: () => resNet(152),
  'resnet50 at 224×224': () => resNet(50),
  'resnet50 with output stride 16': () => resNet(50, { outputStride: 16 }),
  'resnet50 with output stride 8': () => resNet(50, { outputStride: 8 }),
  vgg16: () => vgg(16, { initialize: false }),
};

function resNet(depth: 18 | 34 | 50 | 101 | 152, options: ImageNetOptions = {}): Network {
  return imageNetResNet(depth, { shortcut: 'B', strideOn: '3x3', initialize: false, ...options });
}

/** Middle and half width of the interval that a tensor's values are in. */
function spread(name: string, shape: readonly number[], hasBottlenecks: boolean): [number, number] {
  if (name === 'input') return [0, 2];
  if (shape.length > 1) return [0, Math.sqrt(6 / sizeOf(shape.slice(1)))];
  if (name.endsWith('running_var')) return [1, 0.5];
  if (!name.endsWith('.weight')) return [0, 0.25];
  return name.endsWith(hasBottlenecks ? 'bn3.weight' : 'bn2.weight') ? [0.1875, 0.0625] : [1, 0.25];
}

function generate(name: string, shape: readonly number[], hasBottlenecks = false): Float32Array {
  const [middle, half] = spread(name, shape, hasBottlenecks);
  const hash = hashOf(name);
  const data = new Float32Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++) data[index] = middle + half * uniform(hash, index);
  return data;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The formula's weights for a network, which must be those that the reference was computed with. */
function stateOf(network: Network, expected: Reference['weights']): StateDict {
  const shapes = new Map(
    [...network.namedParameters()].map(([name, { storedShape }]) => [name, storedShape]),
  );
  const hasBottlenecks = shapes.has('layer1.0.bn3.weight');
  const lines = [...shapes].map(([name, shape]) => `${name} ${shape}`).sort();
  expect({ count: lines.length, hash: hashOf(lines.join('\n')) }, 'names and shapes').toEqual({
    count: expected.count,
    hash: expected.hash,
  });
  const state: StateDict = new Map();
  let sum = 0;
  for (const [name, shape] of shapes) {
    const data = generate(name, shape, hasBottlenecks);
    for (let index = 0; index < data.length; index++) sum += data[index]!;
    state.set(name, { shape, data });
  }
  expect(sum / expected.sum, 'sum of the weights').toBeCloseTo(1, 9);
  return state;
}

function imagesOf(shape: number[]): tf.Tensor4D {
  return tf.tidy(() => tf.transpose(tf.tensor4d(generate('input', shape), shape as never), [0, 2, 3, 1]));
}

/** A tensor's shape and values in PyTorch's order. */
function inStoredOrder(tensor: tf.Tensor): { shape: number[]; data: ArrayLike<number> } {
  if (tensor.rank !== 4) return { shape: tensor.shape, data: tensor.dataSync() };
  return tf.tidy(() => {
    const transposed = tf.transpose(tensor, [0, 3, 1, 2]);
    return { shape: transposed.shape, data: transposed.dataSync() };
  });
}

/** How far a stage's result is from the reference, in its largest value. */
function differenceFrom(expected: Digest, stage: string, tensor: tf.Tensor): number {
  const { shape, data } = inStoredOrder(tensor);
  expect(shape, stage).toEqual(expected.shape);
  const [samplesHash, weightsHash] = [hashOf(`${stage} samples`), hashOf(`${stage} weights`)];
  let largest = 0;
  let sum = 0;
  let weighted = 0;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    largest = Math.max(largest, Math.abs(value));
    sum += value;
    weighted += value * uniform(weightsHash, index);
  }
  const differences = [
    largest - expected.largest,
    sum / data.length - expected.mean,
    // Where each value is a little off, with any sign, so is their sum by the square root of their number.
    (weighted - expected.weighted) / Math.sqrt(data.length),
    ...expected.samples.map((sample, place) => data[bits(samplesHash, place) % data.length]! - sample),
  ];
  // NaN stays NaN, and passes no comparison.
  return Math.max(...differences.map(Math.abs)) / expected.largest;
}

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

describe('networks give what torchvision’s give', () => {
  it.each(Object.entries(references))('%s', (name, reference) => {
    const before = tf.memory().numTensors;
    const network = networks[name]!();
    network.loadStateDict(stateOf(network, reference.weights));
    network.setTraining(false);
    const x = imagesOf(reference.input);

    const results = features(network, x, Object.keys(reference.stages));
    expect(Object.keys(results)).toEqual([...network.parts().keys()]);
    for (const [stage, expected] of Object.entries(reference.stages)) {
      const difference = differenceFrom(expected, stage, results[stage]!);
      expect(difference, stage).toBeLessThan(tolerance);
    }

    const fused = fuse(network);
    network.dispose();
    const logits = fused.forward(x);
    const difference = differenceFrom(reference.stages.fc!, 'fc', logits);
    expect(difference, 'fused').toBeLessThan(tolerance);

    fused.dispose();
    tf.dispose([x, logits, results]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
