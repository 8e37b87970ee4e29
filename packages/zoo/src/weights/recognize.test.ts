import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create } from '../networks/registry.js';
import { cifarDepth, recognize } from './recognize.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('cpu');
});
afterAll(() => backend.dispose());

const named = (...names: string[]): StateDict =>
  new Map(names.map((name) => [name, { shape: [1], data: Float32Array.of(1) }]));

/** The tensors of a CIFAR network of n blocks a stage, as far as its depth goes. */
function cifar(n: number, stem = [16, 3, 3, 3]): StateDict {
  const tensors = named('conv1.weight', 'bn1.weight', 'fc.weight', 'fc.bias');
  tensors.set('conv1.weight', { shape: stem, data: new Float32Array(stem.reduce((a, b) => a * b)) });
  for (const stage of [1, 2, 3]) {
    for (let block = 0; block < n; block++) {
      for (const part of ['conv1', 'bn1', 'conv2', 'bn2']) {
        tensors.set(`layer${stage}.${block}.${part}.weight`, { shape: [1], data: Float32Array.of(1) });
      }
    }
  }
  return tensors;
}

describe('recognize', () => {
  it.each([
    ['resnet20', { shortcut: 'A', classes: 7 }],
    ['resnet14-cifar', { shortcut: 'C', inChannels: 1 }],
    ['resnet18', { shortcut: 'A' }],
    ['resnet18', { shortcut: 'B', stem: 'small', classes: 200 }],
    ['resnet34', { shortcut: 'C' }],
    ['resnet50', { shortcut: 'B', strideOn: '3x3', inChannels: 1 }],
    ['resnet50', { shortcut: 'C', strideOn: '3x3' }],
    ['resnet101', { shortcut: 'B', strideOn: '3x3' }],
  ] as const)('knows %s with %j', async (name, options) => {
    const network = create(name, options);
    expect(recognize(await network.stateDict())).toEqual(network.architecture);
    network.dispose();
  });

  it('tells VGG by its convolutions', () => {
    const tensors = named(...Array.from({ length: 16 }, (_, place) => `features.${2 * place}.weight`));
    tensors.set('features.0.weight', { shape: [64, 1, 3, 3], data: new Float32Array(576) });
    tensors.set('classifier.6.bias', { shape: [12], data: new Float32Array(12) });
    expect(recognize(tensors)).toEqual({ name: 'vgg19', classes: 12, inChannels: 1 });
  });

  it.each([
    ['a deep stem', ['conv1.0.weight', 'conv1.3.weight', 'layer1.0.conv1.weight']],
    ['nothing', []],
    ['blocks of no network', ['conv1.weight', 'layer1.0.conv1.weight', 'layer2.0.conv1.weight']],
  ])('knows no name for %s', (_, names) => {
    expect(recognize(named(...names)).name).toBeUndefined();
  });
});

describe('cifarDepth', () => {
  it.each([
    [3, 20],
    [5, 32],
    [9, 56],
    [18, 110],
    [200, 1202],
  ])('counts %i blocks a stage as depth %i', (n, depth) => {
    expect(cifarDepth(cifar(n))).toBe(depth);
  });

  const without = (...names: string[]) => {
    const tensors = cifar(3);
    for (const name of names) tensors.delete(name);
    return tensors;
  };
  const withMore = (...names: string[]) => new Map([...cifar(3), ...named(...names)]);
  it.each<[string, StateDict]>([
    ['nothing', new Map()],
    ['a stem alone', cifar(0)],
    ["ImageNet's stem", cifar(2, [64, 3, 7, 7])],
    ['a wider stem', cifar(3, [64, 3, 3, 3])],
    ['no stem', without('conv1.weight')],
    ['a stage too few', without('layer3.0.conv1.weight')],
    ['a fourth stage', withMore('layer4.0.conv1.weight', 'layer4.0.conv2.weight')],
    [
      'a fourth stage of as many blocks',
      withMore(...[0, 1, 2].flatMap((i) => [1, 2].map((c) => `layer4.${i}.conv${c}.weight`))),
    ],
    ['a bottleneck', withMore('layer1.0.conv3.weight')],
    [
      'bottlenecks only',
      withMore(...[1, 2, 3].flatMap((s) => [0, 1, 2].map((b) => `layer${s}.${b}.conv3.weight`))),
    ],
    ['a block too few', without('layer2.2.conv1.weight', 'layer2.2.conv2.weight')],
    [
      'a block too few in one stage, too many in another',
      new Map([
        ...without('layer2.2.conv1.weight', 'layer2.2.conv2.weight'),
        ...named('layer3.3.conv1.weight', 'layer3.3.conv2.weight'),
      ]),
    ],
  ])('knows no depth for %s', (_, tensors) => {
    expect(cifarDepth(tensors)).toBeUndefined();
  });
});
