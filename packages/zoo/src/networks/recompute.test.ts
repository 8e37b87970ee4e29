import { createHash } from 'node:crypto';
import { type Backend, softmaxCrossEntropy, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, type NetworkOptions } from './registry.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

/** Hashes of the losses and all gradients of two steps, and of all parameters and statistics after them. */
function trained(name: string, options: NetworkOptions, recompute: boolean) {
  const network = create(name, { classes: 10, seed: 3, ...options });
  network.recompute = recompute;
  if (name === 'resnet32') network.freezeThrough('layer1');
  const [size] = network.inputShape;
  const x = tf.randomNormal<tf.Rank.R4>([4, size, size, 3], 0, 1, 'float32', 5);
  const labels = tf.tensor1d([1, 2, 3, 4], 'int32');
  const variables = [...network.namedParameters()]
    .filter(([, { trainable }]) => trainable)
    .map(([, { variable }]) => variable);
  const hashes: string[] = [];
  const note = (tensor: tf.Tensor) => {
    const { buffer, byteOffset, byteLength } = tensor.dataSync();
    hashes.push(
      createHash('sha256')
        .update(new Uint8Array(buffer, byteOffset, byteLength))
        .digest('hex'),
    );
  };
  const before = tf.memory().numTensors;
  for (let step = 0; step < 2; step++) {
    const { value, grads } = tf.variableGrads(
      () => softmaxCrossEntropy(network.forward(x), labels),
      variables,
    );
    note(value);
    for (const variable of variables) {
      const gradient = grads[variable.name]!;
      note(gradient);
      tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(gradient, 0.01))));
    }
    tf.dispose([value, grads]);
  }
  expect(tf.memory().numTensors).toBe(before);
  for (const [, { variable }] of network.namedParameters()) note(variable);
  tf.dispose([x, labels]);
  network.dispose();
  return hashes;
}

describe('recompute', () => {
  it.each<[string, NetworkOptions]>([
    ['resnet20', { shortcut: 'A' }],
    ['resnet32', { shortcut: 'C' }],
    ['plain20', {}],
    ['highway19', {}],
    ['resnet50', { imageSize: 32 }],
  ])('gives the same gradients and statistics to the last bit: %s %j', (name, options) => {
    expect(trained(name, options, true)).toEqual(trained(name, options, false));
  });
});
