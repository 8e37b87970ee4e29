import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { CIFAR10_CLASSES } from '@resnet/data';
import { readCifar10 } from '@resnet/data/node';
import { evaluate } from '@resnet/eval';
import { realCifar10 } from '@resnet/testing';
import { resnet20 } from '@resnet/weights-cifar10';
import { prepare } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('weights of our own', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend('wasm');
  });
  afterAll(() => backend.dispose());

  it('tell all that it takes to use them', async () => {
    const { network, normalization, classNames } = await loadModel(resnet20);
    expect(network.architecture).toEqual({ name: 'resnet20', classes: 10, inChannels: 3, shortcut: 'A' });
    expect(normalization!.mean).toHaveLength(32 * 32 * 3);
    expect(classNames).toEqual(CIFAR10_CLASSES);
    expect((await stat(resnet20)).size).toBeLessThan(700_000);
    network.dispose();
  });

  it('make the errors that their model card says', async (context) => {
    const cifar = await realCifar10();
    if ('missing' in cifar) return context.skip(cifar.missing);
    const card = await readFile(join(import.meta.dirname, '../../../weights-cifar10/README.md'), 'utf8');
    const [, errors] = /\(([\d,]+) of 10,000\)/.exec(card)!;
    const { network, normalization } = await loadModel(resnet20);
    const classifier = await prepare(network);
    const test = await readCifar10(cifar.folder, 'test');
    const { top1Errors } = await evaluate(classifier, test, { normalization: normalization! });
    classifier.dispose();
    network.dispose();
    expect(top1Errors).toBe(Number(errors));
  });
});
