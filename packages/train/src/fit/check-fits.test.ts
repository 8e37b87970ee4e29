import { type Dataset, type ImageSet, selectImages } from '@resnet/data';
import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet } from '@resnet/zoo';
import { describe, expect, it, vi } from 'vitest';
import type { MetricsRecord } from '../logging/metrics.js';
import { recipe } from '../recipe/recipe.js';
import { normalization, stripes } from '../test-support.js';
import { checkFits } from './check-fits.js';
import { fit } from './fit.js';

useOneBackend();

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
    await expect(fit(network, { ...options, train: more })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await expect(fit(network, { ...options, train: set, test: more })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining(
        "All classes of 'more' must be classes of the training set 'stripes', found 1 of 3 that are none: 'none'.",
      ),
    });
    expect(onProgress).not.toHaveBeenCalled();
    network.dispose();
  });

  it('finds the classes of the test data by name, not by place', async () => {
    const down = { ...set, ...selectImages(set, [1, 3]), name: 'down only' };
    const errors = async (test: ImageSet) => {
      const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 2 });
      const found: number[] = [];
      const onRecord = (record: MetricsRecord) => void (record.kind === 'test' && found.push(record.error));
      const numbers = { ...recipe('digits'), batchSize: 4, iterations: 3, seed: 1 };
      await fit(network, { train: set, test, recipe: numbers, normalization, testEvery: 1, onRecord });
      network.dispose();
      return found;
    };
    const expected = await errors(down);
    for (const name of ['down', 'Down']) {
      const alone = { ...down, classes: [name], labels: Uint8Array.of(0, 0) };
      expect(await errors(alone)).toEqual(expected);
    }
    const turned = { ...down, classes: ['down', 'across'], labels: Uint8Array.of(0, 0) };
    expect(await errors(turned)).toEqual(expected);
    expect(expected).not.toEqual(expected.map((error) => 1 - error));
  });
});
