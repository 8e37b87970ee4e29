import { type Backend, useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenOptions, openModel, readWeights } from '../index.js';
import { safetensors } from '../weights/testing.js';

// A file of a few KB must not get the memory of the largest network that it can name.

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('cpu');
});
afterAll(() => backend.dispose());

/** A file of one-byte zeros, with what it says of its network. */
function described(architecture: object, shapes: Record<string, number[]>): Uint8Array {
  let begin = 0;
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const end = begin + shape.reduce((product, length) => product * length, 1);
    const entry = [name, { dtype: 'U8', shape, data_offsets: [begin, end] }];
    begin = end;
    return entry;
  });
  const metadata = { 'resnet.architecture': JSON.stringify(architecture) };
  return safetensors({ __metadata__: metadata, ...Object.fromEntries(tensors) }, begin);
}

const colors = { classes: 10, inChannels: 3 };

/** Few values under many names of a network's own. */
const names = Object.fromEntries(
  Array.from({ length: 700 }, (_, place) => [`layer1.${place}.conv1.weight`, [2]]),
);

const attacks: [string, Uint8Array, OpenOptions][] = [
  ['names a deep network', described({ name: 'resnet9998-cifar', ...colors }, { a: [10_000] }), {}],
  ['names a large network', described({ name: 'vgg19', ...colors }, { a: [2000] }), {}],
  ['names many classes', described({ name: 'vgg19', classes: 99_999, inChannels: 3 }, { a: [100_000] }), {}],
  [
    'names more classes than an array has places for',
    described({ name: 'resnet50', classes: 3_000_000, inChannels: 3 }, { a: [3_000_000] }),
    {},
  ],
  ['names many channels', described({ name: 'vgg16', classes: 2, inChannels: 3e5 }, { a: [300_000] }), {}],
  ['names infinitely many classes', described({ name: 'resnet20', classes: 1e300, inChannels: 3 }, {}), {}],
  ['is near a large network', described({}, { 'features.0.weight': [64, 3, 3, 3] }), { name: 'vgg19' }],
  ['has names without values', described({ name: 'resnet152', ...colors }, names), {}],
  [
    'wants initial weights',
    described({ name: 'resnet20', ...colors, zeroInitLast: true, seed: 5, initialize: true }, { a: [9000] }),
    {},
  ],
];

describe('openModel of a hostile file', () => {
  it.each(attacks)('creates nothing where it %s', (_, bytes, options) => {
    const tensors = tf.memory().numTensors;
    const before = performance.now();
    const arrays = process.memoryUsage().arrayBuffers;
    let error: unknown;
    try {
      openModel(readWeights(bytes), options);
    } catch (caught) {
      error = caught;
    }
    expect(ResnetError.is(error) && error.code).toMatch(/^WEIGHTS_(MISMATCH|INVALID)$/);
    expect((error as Error).message.split('\n').length).toBeLessThan(8);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(process.memoryUsage().arrayBuffers - arrays).toBeLessThan(8 * bytes.length + 2 ** 20);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('takes no minutes to read a name', () => {
    const before = performance.now();
    const weights = readWeights(safetensors({ __metadata__: { arch: 'resnet_'.repeat(1000) } }));
    expect(() => openModel(weights)).toThrow(expect.objectContaining({ code: 'WEIGHTS_MISMATCH' }));
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
