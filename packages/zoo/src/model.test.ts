import { type Backend, useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cifarPlain, cifarResNet, openModel, packModel, readWeights, writeSafetensors } from './index.js';
import type { Network } from './network.js';
import type { Weights } from './weights/format.js';

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
    'recognises a network with shortcuts %s by its tensors',
    async (shortcut) => {
      const network = cifarResNet(20, { classes: 5, inChannels: 1, shortcut });
      const model = openModel(await bare(network));
      expect(model.network.architecture).toEqual({ name: 'resnet20', classes: 5, inChannels: 1, shortcut });
      expect(model.normalization).toBeUndefined();
      network.dispose();
      model.network.dispose();
    },
  );

  it('knows the normalisation of akamaster’s networks by their names of tensors', async () => {
    const network = cifarResNet(20);
    const tensors = new Map(
      [...(await network.stateDict())].map(([key, t]) => [`module.${key.replace('fc.', 'linear.')}`, t]),
    );
    const model = openModel({ format: 'torch', tensors, metadata: {} });
    expect(model.normalization).toEqual(IMAGENET_NORMALIZATION);
    network.dispose();
    model.network.dispose();
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
