import { type Backend, softmaxCrossEntropy, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, fuse, type NetworkOptions, summarize } from '../index.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 2 });
});
afterAll(() => backend.dispose());

describe('networks for ImageNet', () => {
  // Multiply-adds: Table 1 and Section 3.3; parameters: torchvision's.
  it.each<[string, NetworkOptions, parameters: number, billions: number]>([
    ['resnet18', { shortcut: 'B' }, 11_689_512, 1.8],
    ['resnet34', { shortcut: 'B' }, 21_797_672, 3.6],
    ['resnet50', {}, 25_557_032, 3.8],
    ['resnet101', {}, 44_549_160, 7.6],
    ['resnet152', {}, 60_192_808, 11.3],
    ['vgg16', {}, 138_357_544, 15.3],
    ['vgg19', {}, 143_667_240, 19.6],
  ])(
    '%s %j has the parameters of torchvision, and multiply-adds of the paper',
    (name, options, parameters, billions) => {
      const network = create(name, { ...options, initialize: false });
      const summary = summarize(network);
      expect(network.parameterCount()).toBe(parameters);
      expect(summary.parameters).toBe(parameters);
      expect(summary.depth).toBe(Number(/\d+/.exec(name)![0]));
      expect(Math.abs(summary.multiplyAdds / 1e9 / billions - 1)).toBeLessThan(0.03);
      network.dispose();
    },
  );

  it('take shortcuts A where the paper does (Table 2), B in bottlenecks (Section 4.1)', () => {
    const shortcutOf = (name: string) => {
      const network = create(name, { initialize: false });
      network.dispose();
      return network.architecture.shortcut;
    };
    expect(['resnet18', 'resnet34', 'resnet50', 'plain34'].map(shortcutOf)).toEqual([
      'A',
      'A',
      'B',
      undefined,
    ]);
  });

  it('have maps of 112, 56, 28, 14 and 7 places (Table 1), larger ones with dilations, and small stems', () => {
    const sizes = (options: NetworkOptions) => {
      const network = create('resnet50', { ...options, initialize: false });
      const { layers } = summarize(network);
      network.dispose();
      const last = (part: string) =>
        layers.filter(({ name }) => name.startsWith(part)).at(-1)!.outputShape[0];
      return ['conv1', 'layer1', 'layer2', 'layer3', 'layer4'].map(last);
    };
    expect(sizes({})).toEqual([112, 56, 28, 14, 7]);
    expect(sizes({ strideOn: '3x3' })).toEqual([112, 56, 28, 14, 7]);
    expect(sizes({ outputStride: 16 })).toEqual([112, 56, 28, 14, 14]);
    expect(sizes({ outputStride: 8 })).toEqual([112, 56, 28, 28, 28]);
    expect(sizes({ stem: 'small' })).toEqual([32, 32, 16, 8, 4]);
    expect(sizes({ stem: 'small', outputStride: 4 })).toEqual([32, 32, 16, 8, 8]);
  });
});

it.each(['resnet1202', 'resnet152'])('%s runs forward and backward on an image in under 4 GB', (name) => {
  const network = create(name);
  const variables = [...network.namedParameters()].filter(([, p]) => p.trainable).map(([, p]) => p.variable);
  const x = tf.ones<tf.Rank.R4>([1, ...network.inputShape]);
  const labels = tf.tensor1d([0], 'int32');
  const { value, grads } = tf.variableGrads(
    () => softmaxCrossEntropy(network.forward(x), labels),
    variables as tf.Variable[],
  );
  expect(Object.keys(grads)).toHaveLength(variables.length);
  expect(backend.memory().heapBytes).toBeLessThan(4e9);
  tf.dispose([x, labels, value, grads]);
  network.dispose();
});

describe('highway networks', () => {
  it.each([
    ['highway19', 19, 2_256_838],
    ['highway32', 32, 1_264_502],
  ])('%s has the parameters that its authors count (Table 6: 2.3M and 1.25M)', (name, depth, parameters) => {
    const network = create(name);
    expect(summarize(network)).toMatchObject({ depth, parameters });
    expect(network.parameterCount()).toBe(parameters);
    network.dispose();
  });
});

describe('create', () => {
  it.each<[string, NetworkOptions, string]>([
    ['resnet18', { strideOn: '3x3' }, 'OPTION_INVALID'],
    ['plain34', { shortcut: 'A' }, 'OPTION_INVALID'],
    ['resnet20', { stem: 'small' }, 'OPTION_INVALID'],
    ['resnet50', { outputStride: 4 }, 'OPTION_INVALID'],
    ['resnet50', { strideOn: '2x2' as '1x1' }, 'UNKNOWN_NAME'],
    ['resnet15-cifar', {}, 'OPTION_INVALID'],
    ['resnet35', {}, 'UNKNOWN_NAME'],
    ['vgg16', { classes: 0 }, 'OPTION_INVALID'],
  ])('refuses %s with %j', (name, options, code) => {
    expect(() => create(name, options)).toThrow(expect.objectContaining({ code }));
  });

  it('makes CIFAR networks of any depth 6n + 2', () => {
    const network = create('plain50-cifar', { initialize: false });
    expect(network.architecture.name).toBe('plain50-cifar');
    expect(summarize(network).depth).toBe(50);
    network.dispose();
  });

  it('starts with zeros where weights are to be loaded, and with identities where asked', async () => {
    const network = create('resnet20', { initialize: false });
    const { data } = (await network.stateDict()).get('conv1.weight')!;
    expect(data.every((value) => value === 0)).toBe(true);
    network.dispose();
    for (const [name, last] of [
      ['resnet20', 'layer3.2.bn2'],
      ['resnet50', 'layer4.2.bn3'],
    ] as const) {
      const zeroed = create(name, { zeroInitLast: true, initialize: false });
      const { data } = (await zeroed.stateDict()).get(`${last}.weight`)!;
      expect(new Set(data)).toEqual(new Set([0]));
      zeroed.dispose();
    }
  });
});

/** Every architecture and option, as small as it can be. */
const networks: [string, NetworkOptions, size: number][] = [
  ['resnet20', { shortcut: 'A' }, 8],
  ['resnet14-cifar', { shortcut: 'B' }, 8],
  ['resnet14-cifar', { shortcut: 'C' }, 8],
  ['plain20', {}, 8],
  ['resnet18', { shortcut: 'A' }, 64],
  ['resnet18', { shortcut: 'B', stem: 'small' }, 16],
  ['resnet18', { shortcut: 'C', outputStride: 8 }, 64],
  ['plain18', {}, 64],
  ['resnet50', { shortcut: 'B', stem: 'small' }, 32],
  ['resnet50', { strideOn: '3x3', outputStride: 16 }, 64],
  ['highway19', {}, 32],
  ['highway32', {}, 32],
];

describe.each(networks)('%s %j', (name, options, size) => {
  it('has the gradient that finite differences tell, along a random direction', () => {
    const network = create(name, { ...options, classes: 3, seed: 1 });
    const before = tf.memory().numTensors;
    const x = tf.randomNormal<tf.Rank.R4>([3, size, size, 3], 0, 1, 'float32', 7);
    const labels = tf.tensor1d([0, 2, 1], 'int32');
    const variables = [...network.namedParameters()]
      .filter(([, p]) => p.trainable)
      .map(([, p]) => p.variable);
    const loss = () => tf.tidy(() => softmaxCrossEntropy(network.forward(x), labels).dataSync()[0]!);
    const { value, grads } = tf.variableGrads(
      () => softmaxCrossEntropy(network.forward(x), labels),
      variables as tf.Variable[],
    );
    const start = variables.map((variable) => variable.clone());
    // Random in size, as the weights are layer by layer, and uphill, so that the slope stands out from rounding.
    const directions = variables.map((variable, index) =>
      tf.tidy(() => {
        const scale = tf.add(tf.sqrt(tf.mean(tf.square(variable))), 0.01);
        const uphill = tf.sign(grads[variable.name]!);
        return tf.mul(tf.mul(tf.randomUniform(variable.shape, 0, 1, 'float32', index), uphill), scale);
      }),
    );
    const expected = variables.reduce((sum, variable, index) => {
      return sum + tf.tidy(() => tf.sum(tf.mul(grads[variable.name]!, directions[index]!)).dataSync()[0]!);
    }, 0);
    const at = (step: number) => {
      for (const [index, variable] of variables.entries()) {
        tf.tidy(() => variable.assign(tf.add(start[index]!, tf.mul(directions[index]!, step))));
      }
      return loss();
    };
    // Small, as ReLUs bend the loss everywhere.
    const step = 1e-5;
    const difference = (at(step) - at(-step)) / (2 * step);
    expect(difference / expected).toBeGreaterThan(0.9);
    expect(difference / expected).toBeLessThan(1.1);
    tf.dispose([x, labels, value, grads, start, directions]);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('gives the same logits when fused, in one size and another, and leaves no tensor behind', () => {
    const network = create(name, { ...options, classes: 3, seed: 1 });
    const x = tf.randomNormal<tf.Rank.R4>([3, size, size, 3], 0, 1, 'float32', 7);
    // Statistics other than at the start.
    network.forward(x).dispose();
    network.setTraining(false);
    const expected = network.forward(x);
    const before = tf.memory().numTensors;
    const fused = fuse(network);
    const held = tf.memory().numTensors;
    const logits = fused.forward(x);
    const error = tf.tidy(
      () => tf.div(tf.max(tf.abs(tf.sub(logits, expected))), tf.max(tf.abs(expected))).dataSync()[0]!,
    );
    expect(error).toBeLessThan(1e-5);
    logits.dispose();
    expect(tf.memory().numTensors).toBe(held);
    fused.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, expected]);
    network.dispose();
  });
});
