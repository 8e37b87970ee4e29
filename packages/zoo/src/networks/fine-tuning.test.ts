import { useOneBackend, valuesOf } from '@resnet/testing/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { create, deepen, features, type Network, type NetworkOptions } from '../index.js';

useOneBackend();

const images = (size: number) => tf.randomNormal<tf.Rank.R4>([2, size, size, 3], 0, 1, 'float32', 3);

async function difference(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  const [found] = await valuesOf(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))));
  return found!;
}

describe('features', () => {
  it('gives maps, the embedding and the logits, and leaves nothing else', async () => {
    const network = create('resnet18', { shortcut: 'B' });
    network.setTraining(false);
    const x = images(64);
    const before = tf.memory().numTensors;
    const found = features(network, x, ['layer2', 'layer4', 'pool']);
    expect(Object.values(found).map(({ shape }) => shape)).toEqual([
      [2, 8, 8, 128],
      [2, 2, 2, 512],
      [2, 512],
    ]);
    expect(tf.memory().numTensors).toBe(before + 3);
    const { fc } = features(network, x, ['fc']);
    const logits = network.forward(x);
    expect(await difference(fc, logits)).toBe(0);
    tf.dispose([x, found, fc, logits]);
    network.dispose();
  });

  it('names the parts of every kind of network, and what is missing', () => {
    const network = create('resnet20');
    expect([...network.parts().keys()]).toEqual(['stem', 'layer1', 'layer2', 'layer3', 'pool', 'fc']);
    const x = images(32);
    expect(() => features(network, x, ['layer4'])).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
    x.dispose();
    network.dispose();
  });
});

describe('fine-tuning', () => {
  it('replaces the head and freezes parts, whose statistics stay', async () => {
    const network = create('resnet20');
    const before = tf.memory().numTensors;
    network.replaceHead(4, { seed: 5 });
    expect(tf.memory().numTensors).toBe(before);
    expect(network.architecture.classes).toBe(4);
    network.freezeThrough('layer2');
    const trainable = [...network.namedParameters()].filter(([, p]) => p.trainable).map(([name]) => name);
    expect(trainable.every((name) => /^(layer3|fc)\./.test(name))).toBe(true);
    expect(trainable).toContain('fc.weight');
    const state = await network.stateDict();
    const x = images(32);
    const logits = network.forward(x);
    expect(logits.shape).toEqual([2, 4]);
    const changed = [...(await network.stateDict())].filter(
      ([name, { data }]) => String(data) !== String(state.get(name)!.data),
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every(([name]) => name.startsWith('layer3.'))).toBe(true);
    tf.dispose([x, logits]);
    network.dispose();
  });

  it.each([0, 1.5])('refuses %d classes', (classes) => {
    const network = create('resnet20');
    expect(() => network.replaceHead(classes)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    network.dispose();
  });

  it('replaces the head of VGG', () => {
    const network = create('vgg16', { initialize: false });
    network.replaceHead(2);
    expect(network.fc.weight.storedShape).toEqual([2, 4096]);
    expect([...network.namedParameters()].at(-1)![0]).toBe('classifier.6.bias');
    network.dispose();
  });
});

describe('deepen (Section 1)', () => {
  it.each<[string, NetworkOptions, number, size: number]>([
    ['resnet20', { shortcut: 'A' }, 32, 32],
    ['resnet20', { shortcut: 'B' }, 44, 32],
    ['resnet20', { shortcut: 'C', classes: 4, inChannels: 3 }, 26, 32],
    ['plain20', {}, 56, 32],
    ['resnet18', { shortcut: 'B' }, 34, 64],
    ['plain18', {}, 34, 64],
    ['resnet50', { strideOn: '3x3' }, 101, 64],
  ])('of %s %j to %i computes the same function', async (name, options, depth, size) => {
    const network = create(name, options);
    const x = images(size);
    network.forward(x).dispose();
    network.setTraining(false);
    const before = tf.memory().numTensors;
    const deeper = await deepen(network, depth);
    expect(deeper.architecture).toEqual({
      ...network.architecture,
      name: expect.stringMatching(new RegExp(`^[a-z]+${depth}`)),
    });
    const [expected, logits] = [network.forward(x), deeper.forward(x)];
    expect(await difference(logits, expected)).toBeLessThan(1e-5);
    tf.dispose([expected, logits]);
    expect((await gradientNorms(deeper, x)).some((norm) => norm > 0)).toBe(true);
    deeper.dispose();
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
    x.dispose();
  });

  it.each([
    ['resnet32', 20],
    ['resnet20', 20],
    ['resnet34', 50],
    ['highway19', 32],
    ['resnet20', 33],
  ])('refuses %s to %i', async (name, depth) => {
    const network = create(name);
    const before = tf.memory().numTensors;
    await expect(deepen(network, depth)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});

/** Of all parameters, in training: added blocks learn. */
async function gradientNorms(network: Network, x: tf.Tensor4D): Promise<Float32Array> {
  network.setTraining(true);
  const norms = await valuesOf(() => {
    const variables = [...network.namedParameters()]
      .filter(([, p]) => p.trainable)
      .map(([, p]) => p.variable);
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.square(network.forward(x))),
      variables as tf.Variable[],
    );
    return tf.stack(variables.map(({ name }) => tf.norm(grads[name]!)));
  });
  network.setTraining(false);
  return norms;
}
