import type { StateDict } from '@resnet/blocks';
import { describe, expect, it } from 'vitest';
import { cifarDepth, normalizeKeys } from './keys.js';

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

describe('normalizeKeys', () => {
  it.each<[string, string[], string[], 'torchvision' | 'akamaster']>([
    ["torchvision's", ['conv1.weight', 'fc.bias'], ['conv1.weight', 'fc.bias'], 'torchvision'],
    [
      "akamaster's",
      ['module.conv1.weight', 'module.linear.weight'],
      ['conv1.weight', 'fc.weight'],
      'akamaster',
    ],
    [
      "akamaster's with option B",
      ['layer2.0.shortcut.0.weight', 'linear.bias'],
      ['layer2.0.downsample.0.weight', 'fc.bias'],
      'akamaster',
    ],
    ["akamaster's, not wrapped", ['conv1.weight', 'linear.bias'], ['conv1.weight', 'fc.bias'], 'akamaster'],
    ['wrapped', ['module.conv1.weight', 'module.fc.bias'], ['conv1.weight', 'fc.bias'], 'torchvision'],
    ['partly wrapped', ['module.conv1.weight', 'fc.bias'], ['module.conv1.weight', 'fc.bias'], 'torchvision'],
    ['batch counters', ['bn1.num_batches_tracked', 'bn1.bias'], ['bn1.bias'], 'torchvision'],
    [
      'wrapped batch counters',
      ['module.bn1.num_batches_tracked', 'module.bn1.bias'],
      ['bn1.bias'],
      'torchvision',
    ],
    ['both last layers', ['linear.bias', 'fc.bias'], ['linear.bias', 'fc.bias'], 'torchvision'],
    [
      'linear elsewhere',
      ['head.linear.bias', 'linearity.bias'],
      ['head.linear.bias', 'linearity.bias'],
      'torchvision',
    ],
    ['nothing', [], [], 'torchvision'],
  ])('knows names that are %s', (_, from, to, scheme) => {
    const normalized = normalizeKeys(named(...from));
    expect([...normalized.tensors.keys()]).toEqual(to);
    expect(normalized.scheme).toBe(scheme);
  });

  it('keeps the tensors themselves, and the map that it was given', () => {
    const given = named('module.conv1.weight', 'module.linear.bias');
    const { tensors } = normalizeKeys(given);
    expect(tensors.get('fc.bias')).toBe(given.get('module.linear.bias'));
    expect([...given.keys()]).toEqual(['module.conv1.weight', 'module.linear.bias']);
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
    ['a missing convolution', without('layer3.1.conv2.weight')],
  ])('knows no depth for %s', (_, tensors) => {
    expect(cifarDepth(tensors)).toBeUndefined();
  });
});
