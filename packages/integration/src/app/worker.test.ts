import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { create, type NetworkOptions, writeSafetensors } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { classify } from '../../../../examples/browser/src/worker/handlers/classify.js';
import { explain } from '../../../../examples/browser/src/worker/handlers/explain.js';
import { loadWeights } from '../../../../examples/browser/src/worker/handlers/load-weights.js';
import { measure } from '../../../../examples/browser/src/worker/handlers/measure.js';
import { setNormalization } from '../../../../examples/browser/src/worker/handlers/normalization.js';
import { closeNetwork } from '../../../../examples/browser/src/worker/session.js';

/** A file of random weights that tells nothing but tensors. */
async function bytesOf(name: string, options: NetworkOptions = {}): Promise<ArrayBuffer> {
  const network = create(name, options);
  const bytes = writeSafetensors(await network.stateDict());
  network.dispose();
  return bytes.slice().buffer;
}

const png = async () => {
  const file = await sharp(join(import.meta.dirname, '../../../../examples/browser/public/samples/truck.svg'))
    .png()
    .toBuffer();
  return new Uint8Array(file).buffer;
};

const context = () => ({ report: () => {}, signal: new AbortController().signal });
const half = (channels: number) => ({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.5) });

describe('what the example’s worker does, in Node', () => {
  beforeAll(async () => {
    await useBackend('wasm');
  });
  afterEach(closeNetwork);

  it.for([
    [1, 'gray'],
    [3, 'colors'],
  ] as const)('leaves no tensors behind: %i channels, %s', async ([inChannels]) => {
    const before = tf.memory().numTensors;
    await loadWeights({ name: 'a.safetensors', bytes: await bytesOf('resnet20', { inChannels }) });
    await setNormalization(half(inChannels));
    const open = tf.memory().numTensors;
    const found = await classify({ name: 'truck.png', bytes: await png() });
    expect(found.seen).toMatchObject({ height: 32, width: 32, channels: inChannels });
    expect(found.probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    const overlay = await explain({ ...found, index: 3 });
    expect(overlay).toMatchObject({ height: 256, width: 256, channels: 3 });
    const { milliseconds, runs } = await measure({ image: found.seen }, context());
    expect(milliseconds).toBeGreaterThan(0);
    expect(runs).toBeGreaterThan(0);
    expect(tf.memory().numTensors).toBe(open);

    await loadWeights({ name: 'b.safetensors', bytes: await bytesOf('resnet20', { inChannels }) });
    expect(tf.memory().numTensors).toBe(open);
    closeNetwork();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.for([
    ['resnet20', {}, 'airplane'],
    ['resnet20', { classes: 100 }, 'apple'],
    ['resnet20', { inChannels: 1 }, 'class 0'],
    ['resnet20', { classes: 7 }, 'class 0'],
    ['resnet18', {}, 'tench (n01440764)'],
  ] as const)('names the classes of %s with %j', async ([name, options, first]) => {
    const report = await loadWeights({ name: 'a.safetensors', bytes: await bytesOf(name, options) });
    expect(report.classNames[0]).toBe(first);
    expect(report.name).toBe(name);
  });

  it('keeps the network that is open when another can’t be opened', async () => {
    await loadWeights({ name: 'a.safetensors', bytes: await bytesOf('resnet20') });
    await setNormalization(half(3));
    const before = tf.memory().numTensors;
    await expect(loadWeights({ name: 'b.pth', bytes: new ArrayBuffer(4) })).rejects.toMatchObject({
      code: 'WEIGHTS_INVALID',
    });
    expect(tf.memory().numTensors).toBe(before);
    expect((await classify({ name: 'truck.png', bytes: await png() })).logits).toHaveLength(10);
  });

  it('refuses images of a channel too many, and to measure what is wanted no more', async () => {
    await loadWeights({ name: 'a.safetensors', bytes: await bytesOf('resnet20', { inChannels: 4 }) });
    await setNormalization(half(4));
    await expect(classify({ name: 'truck.png', bytes: await png() })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    const image = { pixels: new Uint8Array(4096), height: 32, width: 32, channels: 4 };
    await expect(measure({ image }, { ...context(), signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
