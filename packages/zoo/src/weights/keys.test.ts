import type { StateDict } from '@resnet/blocks';
import { describe, expect, it } from 'vitest';
import { type KeyScheme, normalizeKeys } from './keys.js';
import { expected, fixture } from './testing.js';
import { readTorch } from './torch/torch.js';

const named = (...names: string[]): StateDict =>
  new Map(names.map((name) => [name, { shape: [1], data: Float32Array.of(1) }]));

describe('normalizeKeys', () => {
  it.each<[string, string[], string[], KeyScheme]>([
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
    ['compiled', ['_orig_mod.conv1.weight', '_orig_mod.fc.bias'], ['conv1.weight', 'fc.bias'], 'torchvision'],
    [
      'compiled and wrapped',
      ['module._orig_mod.conv1.weight', 'module._orig_mod.fc.bias'],
      ['conv1.weight', 'fc.bias'],
      'torchvision',
    ],
    [
      'wrapped twice and compiled',
      ['_orig_mod.module.module.conv1.weight', '_orig_mod.module.module.linear.bias'],
      ['conv1.weight', 'fc.bias'],
      'akamaster',
    ],
    [
      'partly compiled',
      ['conv1.weight', 'layer1._orig_mod.0.conv1.weight'],
      ['conv1.weight', 'layer1.0.conv1.weight'],
      'torchvision',
    ],
    ["Lightning's", ['model.conv1.weight', 'model.fc.bias'], ['conv1.weight', 'fc.bias'], 'torchvision'],
    ['anyone’s', ['net.body.conv1.weight', 'net.body.fc.bias'], ['conv1.weight', 'fc.bias'], 'torchvision'],
    [
      'averaged and wrapped',
      ['module.n_averaged', 'module.module.module.conv1.weight', 'module.module.module.fc.bias'],
      ['conv1.weight', 'fc.bias'],
      'torchvision',
    ],
    ['called n_averaged', ['n_averaged', 'fc.bias'], ['n_averaged', 'fc.bias'], 'torchvision'],
    ['of one part', ['fc.weight', 'fc.bias'], ['fc.weight', 'fc.bias'], 'torchvision'],
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
    [
      "transformers'",
      [
        'resnet.embedder.embedder.convolution.weight',
        'resnet.embedder.embedder.normalization.running_var',
        'resnet.embedder.embedder.normalization.num_batches_tracked',
        'resnet.encoder.stages.0.layers.0.shortcut.convolution.weight',
        'resnet.encoder.stages.0.layers.0.shortcut.normalization.bias',
        'resnet.encoder.stages.3.layers.2.layer.2.convolution.weight',
        'resnet.encoder.stages.2.layers.22.layer.0.normalization.running_mean',
        'classifier.1.weight',
        'classifier.1.bias',
      ],
      [
        'conv1.weight',
        'bn1.running_var',
        'layer1.0.downsample.0.weight',
        'layer1.0.downsample.1.bias',
        'layer4.2.conv3.weight',
        'layer3.22.bn1.running_mean',
        'fc.weight',
        'fc.bias',
      ],
      'transformers',
    ],
    [
      "transformers' without a head",
      ['embedder.embedder.convolution.weight', 'encoder.stages.1.layers.0.layer.1.normalization.weight'],
      ['conv1.weight', 'layer2.0.bn2.weight'],
      'transformers',
    ],
    [
      "timm's for VGG",
      ['features.0.bias', 'pre_logits.fc1.weight', 'pre_logits.fc2.bias', 'head.fc.weight'],
      ['features.0.bias', 'classifier.0.weight', 'classifier.3.bias', 'classifier.6.weight'],
      'timm-vgg',
    ],
  ])('knows names that are %s', (_, from, to, scheme) => {
    const normalized = normalizeKeys(named(...from));
    expect([...normalized.tensors.keys()]).toEqual(to);
    expect(normalized.scheme).toBe(scheme);
  });

  it.each([
    ['compiled.pt', ['"_orig_mod." is taken off 5 names']],
    ['compiled-parallel.pt', ['"_orig_mod." is taken off 5 names', '"module." is taken off all 5 names']],
    [
      'parallel-twice-compiled.pt',
      ['"_orig_mod." is taken off 5 names', '"module.module." is taken off all 5 names'],
    ],
    ['averaged.pt', ['1 counter (n_averaged) is left out', '"module." is taken off all 5 names']],
    [
      'averaged-parallel.pt',
      ['1 counter (n_averaged) is left out', '"module.module." is taken off all 5 names'],
    ],
    ['lightning.ckpt', ['"model." is taken off all 5 names']],
  ])('knows what PyTorch’s wrappers call tensors in %s, and says what it took off', (name, notes) => {
    const normalized = normalizeKeys(readTorch(fixture(`checkpoints/${name}`)));
    const plain = new Map([...expected('network')].filter(([key]) => key !== 'bn1.num_batches_tracked'));
    expect(normalized.tensors).toEqual(plain);
    expect(normalized.notes).toEqual(['1 batch counter (num_batches_tracked) is left out', ...notes]);
  });

  it('says how many names it changed', () => {
    const { notes } = normalizeKeys(named('conv1.weight', 'layer2.0.shortcut.0.weight', 'linear.bias'));
    expect(notes).toEqual(["2 names as in akamaster's and kuangliu's repositories became torchvision's"]);
    expect(normalizeKeys(named('conv1.weight', 'fc.bias')).notes).toEqual([]);
  });

  it.each([
    ['layer2.0.shortcut.0.weight', 'layer2.0.downsample.0.weight', 'linear.bias'],
    ['_orig_mod.conv1.weight', 'conv1.weight', 'fc.bias'],
  ])('refuses two tensors that get the same name, whichever comes first: %s, %s', (...names) => {
    for (const ordered of [names, names.toReversed()]) {
      expect(() => normalizeKeys(named(...ordered))).toThrow(
        expect.objectContaining({
          code: 'WEIGHTS_INVALID',
          message: expect.stringMatching(/Two tensors both stand for ".+": ".+" and ".+"/),
        }),
      );
    }
  });

  it('takes timm’s convolutions of VGG for the matrices that they are', () => {
    const tensor = { shape: [2, 3, 2, 2], data: new Float32Array(24) };
    const { tensors } = normalizeKeys(new Map([['pre_logits.fc1.weight', tensor]]));
    expect(tensors.get('classifier.0.weight')).toEqual({ shape: [2, 12], data: tensor.data });
  });

  it('keeps the tensors themselves, and the map that it was given', () => {
    const given = named('module.conv1.weight', 'module.linear.bias');
    const { tensors } = normalizeKeys(given);
    expect(tensors.get('fc.bias')).toBe(given.get('module.linear.bias'));
    expect([...given.keys()]).toEqual(['module.conv1.weight', 'module.linear.bias']);
  });
});
