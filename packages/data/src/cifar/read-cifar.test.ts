import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coded, madeCifar, realCifar10, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageAt, validateImageSet } from '../sets/image-set.js';
import { channelStatistics } from '../statistics/image-statistics.js';
import { CIFAR10_CLASSES } from './classes.js';
import { CIFAR10_RECORD } from './format.js';
import { readCifar10 } from './read-cifar.js';

describe('readCifar10 on made files', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
    const inner = join(folder, 'cifar-10-batches-bin');
    await mkdir(inner);
    for (let batch = 1; batch <= 5; batch++) {
      await writeFile(join(inner, `data_batch_${batch}.bin`), madeCifar([batch, batch + 1, batch + 2]));
    }
  });
  afterAll(() => remove());

  it('reads the five training files in order, from the folder or from the one above', async () => {
    const set = await readCifar10(folder, 'train');
    validateImageSet(set);
    expect(set).toMatchObject({ name: 'CIFAR-10 train', count: 15, height: 32, width: 32, channels: 3 });
    expect(set.classes).toEqual(CIFAR10_CLASSES);
    expect([...set.labels]).toEqual([1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7]);
    const last = madeCifar([5, 6, 7]).subarray(2 * CIFAR10_RECORD);
    expect(imageAt(set, 14).pixels[0]).toBe(last[1]);
    expect(imageAt(set, 14).pixels[3071]).toBe(last[3072]);
    expect(await readCifar10(join(folder, 'cifar-10-batches-bin'), 'train')).toEqual(set);
  });

  it('reads the first images only, with a limit, and no more of the files', async () => {
    const whole = await readCifar10(folder, 'train');
    for (const limit of [1, 3, 4, 15, 99]) {
      const set = await readCifar10(folder, 'train', { limit });
      const count = Math.min(limit, 15);
      expect(set.count).toBe(count);
      expect([...set.labels]).toEqual([...whole.labels.subarray(0, count)]);
      expect(set.images).toEqual(whole.images.subarray(0, count * 3072));
    }
    const cut = join(folder, 'cifar-10-batches-bin', 'test_batch.bin');
    await writeFile(cut, madeCifar([1, 2]).subarray(0, CIFAR10_RECORD + 10));
    expect((await readCifar10(folder, 'test', { limit: 1 })).count).toBe(1);
    await expect(readCifar10(folder, 'test')).rejects.toEqual(
      coded('DATA_INVALID', `found ${CIFAR10_RECORD + 10} bytes`),
    );
    await expect(readCifar10(folder, 'test')).rejects.toEqual(coded('DATA_INVALID', cut));
    await rm(cut);
  });

  it.each([0, 1.5, Number.NaN])('refuses the limit %s', async (limit) => {
    await expect(readCifar10(folder, 'train', { limit })).rejects.toEqual(
      coded('OPTION_INVALID', `found ${limit}`),
    );
  });

  it('says which files are missing, where it looked and where they come from', async () => {
    const inner = join(folder, 'cifar-10-batches-bin');
    const message = await readCifar10(folder, 'test').catch((error) => {
      expect(error).toEqual(coded('DATA_MISSING'));
      return error.message;
    });
    for (const part of [
      'test_batch.bin',
      `'${folder}'`,
      `'${inner}'`,
      'cifar-10-binary.tar.gz',
      'tar xzf',
      'Toronto',
    ]) {
      expect(message).toContain(part);
    }
    await rm(join(inner, 'data_batch_3.bin'));
    await expect(readCifar10(folder, 'train')).rejects.toEqual(
      coded('DATA_MISSING', ': data_batch_3.bin not found'),
    );
    await writeFile(join(inner, 'data_batch_3.bin'), madeCifar([3, 4, 5]));
  });

  it.skipIf(process.platform !== 'linux')(
    'says that a file can not be read, where the system refuses it',
    async () => {
      const path = join(folder, 'cifar-10-batches-bin', 'test_batch.bin');
      // A file whose first byte nobody can read, not even root.
      await symlink('/proc/self/mem', path);
      await expect(readCifar10(folder, 'test')).rejects.toEqual(coded('FILE_UNREADABLE', path));
      await rm(path);
    },
  );
});

const real = await realCifar10();

describe('readCifar10 on the real test files', () => {
  const reason = 'missing' in real ? ` (skipped: ${real.missing})` : '';

  it.skipIf('missing' in real)(`reads 10,000 images, 1,000 of each class${reason}`, async () => {
    const set = await readCifar10((real as { folder: string }).folder, 'test');
    validateImageSet(set);
    expect(set.count).toBe(10_000);
    for (let label = 0; label < 10; label++) {
      expect(set.labels.filter((other) => other === label).length).toBe(1000);
    }
    // The published statistics of the test images; they tell red from blue and planes from pixels.
    const { mean, std } = channelStatistics(set);
    for (const [channel, expected] of [0.4942, 0.4851, 0.4504].entries())
      expect(mean[channel]).toBeCloseTo(expected, 4);
    for (const [channel, expected] of [0.2467, 0.2429, 0.2616].entries())
      expect(std[channel]).toBeCloseTo(expected, 4);
    // In a picture neighboring pixels are alike; in shuffled bytes they would not be.
    let difference = 0;
    for (let position = 0; position < 3072 * 100 - 3; position++) {
      difference += Math.abs(set.images[position]! - set.images[position + 3]!);
    }
    expect(difference / (3072 * 100)).toBeLessThan(20);
  });
});
