import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cifarPlain,
  cifarResNet,
  imageNetPlain,
  imageNetResNet,
  type OpenOptions,
  openModel,
  packModel,
  readWeights,
  writeSafetensors,
} from '../index.js';
import type { Network } from '../networks/network.js';
import type { Weights } from '../weights/format.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('cpu');
});
afterAll(() => backend.dispose());

/** A network's weights with no description, as another program would have written them. */
async function bare(network: Network): Promise<Weights> {
  return { format: 'torch', tensors: await network.stateDict(), metadata: {} };
}

describe('openModel', () => {
  it('takes back what packModel gave, by way of a file', async () => {
    const network = cifarPlain(8, { classes: 4, inChannels: 1, seed: 3 });
    const normalization = {
      mean: Float32Array.from({ length: 1024 }, (_, i) => i / 3000),
      std: Float32Array.of(0.3),
    };
    const classNames = ['one', 'two', 'three', 'four'];
    const { tensors, metadata } = await packModel({ network, normalization, classNames });
    const small = openModel(readWeights(writeSafetensors(tensors, { ...metadata })));
    expect(small.network.architecture).toEqual({ name: 'plain8-cifar', classes: 4, inChannels: 1 });
    small.network.dispose();
    network.dispose();

    const paper = cifarPlain(20, { classes: 4, inChannels: 1, seed: 3 });
    const packed = await packModel({ network: paper, normalization, classNames });
    const model = openModel(readWeights(writeSafetensors(packed.tensors, packed.metadata)));
    expect(model.network.architecture).toEqual({ name: 'plain20', classes: 4, inChannels: 1 });
    expect(await model.network.stateDict()).toEqual(await paper.stateDict());
    expect(model.network.training).toBe(false);
    const weights20 = readWeights(writeSafetensors(packed.tensors, packed.metadata));
    expect(() => openModel(weights20, { name: 'resnet20' })).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_MISMATCH' }),
    );
    expect(model).toMatchObject({
      normalization,
      classNames,
      origin: { network: expect.stringContaining('description') },
    });
    paper.dispose();
    model.network.dispose();
  });

  it.each(['A', 'B', 'C'] as const)(
    'recognizes a network with shortcuts %s by its tensors',
    async (shortcut) => {
      const network = cifarResNet(20, { classes: 5, inChannels: 1, shortcut });
      const model = openModel(await bare(network));
      expect(model.network.architecture).toEqual({ name: 'resnet20', classes: 5, inChannels: 1, shortcut });
      expect(model.normalization).toBeUndefined();
      network.dispose();
      model.network.dispose();
    },
  );

  it('knows the normalization of akamaster’s networks by their names of tensors', async () => {
    const network = cifarResNet(20);
    const tensors = new Map(
      [...(await network.stateDict())].map(([key, t]) => [`module.${key.replace('fc.', 'linear.')}`, t]),
    );
    const model = openModel({ format: 'torch', tensors, metadata: {} });
    expect(model.normalization).toEqual(IMAGENET_NORMALIZATION);
    network.dispose();
    model.network.dispose();
  });

  it('takes no other network whose last layer is called linear for akamaster’s', async () => {
    const network = imageNetResNet(18, { classes: 10, stem: 'small', shortcut: 'B' });
    const tensors = new Map(
      [...(await network.stateDict())].map(([key, t]) => [
        key.replace('fc.', 'linear.').replace('downsample', 'shortcut'),
        t,
      ]),
    );
    network.dispose();
    const model = openModel({ format: 'torch', tensors, metadata: {} });
    expect(model.network.architecture).toMatchObject({ name: 'resnet18', stem: 'small' });
    expect(model.normalization).toBeUndefined();
    expect(model.origin.normalization).toBe('nothing: it is not known');
    model.network.dispose();
  });

  it('says what it took off, left out and guessed', async () => {
    const network = cifarResNet(20);
    const tensors = new Map(
      [...(await network.stateDict())].map(([key, t]) => [`module.${key.replace('fc.', 'linear.')}`, t]),
    );
    tensors.set('module.bn1.num_batches_tracked', { shape: [], data: Float32Array.of(1) });
    const leftOut = ['epoch', ...Array.from({ length: 9 }, (_, place) => `other ${place}`)];
    const weights: Weights = { format: 'torch', tensors, metadata: {}, key: 'state_dict', leftOut };
    const { network: opened, origin } = openModel(weights);
    expect(origin.notes).toEqual([
      'the tensors are those under "state_dict"',
      expect.stringMatching(/^10 beside the tensors left out: "epoch", "other 0", .+ and 2 more$/),
      '1 batch counter (num_batches_tracked) is left out',
      '"module." is taken off all 97 names',
      "2 names as in akamaster's and kuangliu's repositories became torchvision's",
      'plain20 has the same tensors as resnet20 with shortcuts A, which they are taken for',
      expect.stringMatching(/^how images are normalized is a guess, by the names of tensors/),
    ]);
    opened.dispose();
    const packed = await packModel({ network, normalization: IMAGENET_NORMALIZATION });
    const own = openModel({ format: 'safetensors', ...packed });
    expect(own.origin.notes).toEqual([]);
    own.network.dispose();
    network.dispose();
  });

  it('says what tensors of networks for ImageNet do not tell, and takes a configuration’s word', async () => {
    const network = imageNetResNet(18, { classes: 3, shortcut: 'B' });
    const weights = await bare(network);
    network.dispose();
    const config = {
      architecture: 'resnet18',
      pretrained_cfg: { mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 0.25] },
      label_names: ['ant', 'bee', 'cat'],
      model_args: { output_stride: 16 },
    };
    const guessed = openModel(weights);
    expect(guessed.origin.network).toMatch(/don’t tell the activation, the pooling, anti-aliasing, dilation/);
    expect(guessed.normalization).toEqual(IMAGENET_NORMALIZATION);
    expect(guessed.origin.notes).toEqual([expect.stringContaining('is a guess, by the network')]);
    guessed.network.dispose();

    const told = openModel({ ...weights, config });
    expect(told.origin).toEqual({
      network: 'the tensors’ names and shapes, and the configuration with them',
      normalization: 'the configuration that comes with the weights',
      notes: [],
    });
    expect(told.network.architecture.outputStride).toBe(16);
    expect([...told.normalization!.mean]).toEqual([0.5, 0.25, 0.125]);
    expect(told.classNames).toEqual(['ant', 'bee', 'cat']);
    told.network.dispose();

    const before = tf.memory().numTensors;
    const open = (change: object, options?: OpenOptions) => () =>
      openModel({ ...weights, config: { ...config, ...change } }, options);
    const mismatch = (problem: string) =>
      expect.objectContaining({ code: 'WEIGHTS_MISMATCH', message: expect.stringContaining(problem) });
    expect(open({ architecture: 'resnetblur18' })).toThrow(mismatch('"resnetblur18"'));
    expect(open({ architecture: 'resnet50' })).toThrow(
      mismatch('is of resnet50, but the tensors are of resnet18'),
    );
    expect(tf.memory().numTensors).toBe(before);
    const named = open({ architecture: 'resnetblur18' }, { name: 'resnet18' })();
    expect(named.normalization).toEqual(IMAGENET_NORMALIZATION);
    expect(named.origin.notes[0]).toMatch(
      /this is set aside: .+ "resnetblur18", which is no network of this project$/,
    );
    named.network.dispose();
  });

  it('names the nearest network and what differs first, in few lines', async () => {
    const network = cifarResNet(20);
    const tensors = await network.stateDict();
    network.dispose();
    const before = tf.memory().numTensors;
    const refused = (change: (tensors: StateDict) => void): string => {
      const changed = new Map(tensors);
      change(changed);
      try {
        openModel({ format: 'torch', tensors: changed, metadata: {} });
      } catch (error) {
        expect(error).toMatchObject({ code: 'WEIGHTS_MISMATCH' });
        const { message } = error as Error;
        expect(message.split('\n').length).toBeLessThan(20);
        expect(message.length).toBeLessThan(1500);
        return message;
      }
      throw new Error('It was opened.');
    };
    const one = { shape: [1], data: Float32Array.of(1) };
    const wide = refused((changed) => {
      changed.set('conv1.weight', { shape: [32, 3, 3, 3], data: new Float32Array(864) });
      for (let place = 0; place < 300; place++) changed.set(`layer1.${place}.se.fc1.we\night`, one);
      changed.delete('layer1.0.bn1.weight');
    });
    expect(wide).toContain('No network of this project has these 396 tensors. The nearest is resnet20');
    expect(wide).toContain('\n  1 missing: layer1.0.bn1.weight\n');
    expect(wide).toContain('300 unexpected: layer1.0.se.fc1.we\ufffdight, ');
    expect(wide).toContain('and 294 more\n');
    expect(wide).toContain('1 misshapen: conv1.weight (expected [16,3,3,3], found [32,3,3,3])');

    const deep = refused((changed) => {
      for (let block = 3; block < 5; block++) changed.set(`layer1.${block}.conv1.weight`, one);
    });
    expect(deep).toContain('The nearest is resnet20');
    expect(deep).toContain('2 unexpected: layer1.3.conv1.weight, layer1.4.conv1.weight');
    expect(refused((changed) => changed.delete('fc.bias'))).toMatch(
      /not those of resnet20\.\n {2}1 missing: fc\.bias\nThe last layer has no biases: add the tensor fc\.bias with 10 zeros/,
    );
    const headless = refused((changed) => {
      changed.delete('fc.bias');
      changed.delete('fc.weight');
    });
    expect(headless).toContain('There is no last layer (fc)');
    expect(refused((changed) => changed.clear())).toContain('The weights have no tensors, only a header');
    const other = refused((changed) => {
      changed.clear();
      changed.set('patch_embed.proj.weight', { shape: [2, 3, 1, 1], data: new Float32Array(6) });
      changed.set('norm.bias', one);
    });
    expect(other).toContain('none is near: "patch_embed.proj.weight" [2, 3, 1, 1], "norm.bias" [1]');
    const nothing = {
      format: 'safetensors',
      tensors: new Map(),
      metadata: { format: 'pt', by: 'x' },
    } as const;
    expect(() => openModel(nothing)).toThrow('no tensors, only the metadata "format", "by"');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps the small stem of a plain network, which is to be named', async () => {
    const network = imageNetPlain(18, { stem: 'small', classes: 3, initialize: false });
    const model = openModel(await bare(network), { name: 'plain18' });
    expect(model.network.architecture).toEqual(network.architecture);
    for (const each of [network, model.network]) each.dispose();
  });

  it('takes the user’s word for a plain network, whose tensors are those of option A', async () => {
    const network = cifarPlain(20);
    const weights = await bare(network);
    const model = openModel(weights, { name: 'plain20' });
    expect(model.network.architecture.name).toBe('plain20');
    expect(() => openModel(weights, { name: 'resnet32' })).toThrow(
      expect.objectContaining({
        code: 'WEIGHTS_MISMATCH',
        message: expect.stringContaining('missing: layer1.3'),
      }),
    );
    network.dispose();
    model.network.dispose();
  });

  it('builds nothing larger than the weights, and nothing impossible', async () => {
    const network = cifarResNet(20);
    const tensors = await network.stateDict();
    network.dispose();
    const open = (architecture: object) =>
      openModel({
        format: 'safetensors',
        tensors,
        metadata: { 'resnet.architecture': JSON.stringify(architecture) },
      });
    const description = { name: 'resnet20', classes: 10, inChannels: 3 };
    const mismatch = expect.objectContaining({ code: 'WEIGHTS_MISMATCH' });
    expect(() => open({ ...description, classes: 1e12 })).toThrow(mismatch);
    expect(() => open({ ...description, inChannels: 1e12 })).toThrow(mismatch);
    const invalid = expect.objectContaining({ code: 'WEIGHTS_INVALID' });
    expect(() => open({ ...description, classes: 1.5 })).toThrow(invalid);
    expect(() => open({ ...description, name: 'plain20', shortcut: 'A' })).toThrow(invalid);
  });

  it('refuses weights of no network, and broken descriptions', () => {
    const tensors = new Map([['a', { shape: [1], data: new Float32Array(1) }]]);
    const open = (metadata: Record<string, string>) =>
      openModel({ format: 'safetensors', tensors, metadata });
    expect(() => open({})).toThrow(expect.objectContaining({ code: 'WEIGHTS_MISMATCH' }));
    for (const broken of ['{', '3', '{"name":"resnet20"}']) {
      expect(() => open({ 'resnet.architecture': broken })).toThrow(
        expect.objectContaining({ code: 'WEIGHTS_INVALID' }),
      );
    }
  });
});
