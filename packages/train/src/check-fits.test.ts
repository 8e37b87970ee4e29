import { type Backend, useBackend } from '@resnet/backend';
import type { Dataset } from '@resnet/data';
import { cifarResNet } from '@resnet/zoo';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkFits } from './check-fits.js';
import { fit } from './fit.js';
import { recipe } from './recipe.js';
import { normalization, stripes } from './testing.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('cpu');
});
afterAll(() => backend.dispose());

const set = stripes(4);
const more = { ...set, name: 'more', classes: ['across', 'down', 'none'] };

describe('checkFits', () => {
  it('takes data of as many classes as the network has, or fewer, and refuses more and other channels', () => {
    const network = cifarResNet(8, { classes: 2, inChannels: 1 });
    checkFits(network, set);
    checkFits(network, { ...set, classes: ['across'] });
    expect(() => checkFits(network, more)).toThrow(
      "resnet8-cifar tells 2 classes apart in images of 1 channels; 'more' has 3 classes in 1 channels. ",
    );
    expect(() => checkFits(network, { ...set, channels: 3 })).toThrow(
      "'stripes' has 2 classes in 3 channels",
    );
    const { name, count, classes } = more;
    const streamed: Dataset = { name, count, classes, labels: new Int32Array(4), read: vi.fn() };
    expect(() => checkFits(network, streamed)).toThrow("'more' has 3 classes. ");
    network.dispose();
  });

  it('comes before any step of fit, for the training data and for the test data', async () => {
    const network = cifarResNet(8, { classes: 2, inChannels: 1 });
    const onProgress = vi.fn();
    const options = { recipe: recipe('digits'), normalization, onProgress };
    for (const data of [{ train: more }, { train: set, test: more }]) {
      await expect(fit(network, { ...options, ...data })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    }
    expect(onProgress).not.toHaveBeenCalled();
    network.dispose();
  });
});
