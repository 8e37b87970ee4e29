import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '@resnet/core';
import { type Dataset, type Image, type ImageSet, imageAt, toDataset } from '@resnet/data';
import { imageFolder } from '@resnet/data/node';
import type { EvaluationFile, Mistake } from '@resnet/eval';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from './write-report.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** An evaluation of two classes that mistook the images at these places. */
function madeFile(places: readonly number[], total: number, classNames = ['cat', 'dog']): EvaluationFile {
  const mistakes = places.map(
    (index): Mistake => ({ index, label: 0, predicted: 1, probability: 0.75, labelProbability: 0.25 }),
  );
  const wrong = mistakes.length;
  const right = total - wrong;
  return {
    subject: { network: 'plain20' },
    total,
    classNames,
    evaluation: {
      ranges: [[0, total]],
      ...{ count: total, classes: 2, top1Errors: wrong, top5Errors: 0, top1Error: wrong / total },
      ...{ loss: 0.5, lossSum: total / 2, ranks: [right, wrong], seconds: 1, mistakes },
      confusions: [
        [0, 0, right],
        [0, 1, wrong],
      ],
      calibration: Array.from({ length: 15 }, (_, bin) =>
        bin === 11
          ? { count: total, right, probabilitySum: 0.75 * total }
          : { count: 0, right: 0, probabilitySum: 0 },
      ),
    },
  };
}

function madeSet(height: number, width: number, channels: number): ImageSet {
  const random = new Random(3);
  const images = Uint8Array.from({ length: 4 * height * width * channels }, () => random.int(256));
  const labels = new Uint8Array(4);
  return { name: 'made', images, labels, count: 4, height, width, channels, classes: ['cat', 'dog'] };
}

/** The pictures of a page by the place that their alternative texts name. */
async function picturesOf(path: string): Promise<Map<number, Buffer>> {
  const page = await readFile(path, 'utf8');
  const found = page.matchAll(/<img src="data:image\/png;base64,([^"]+)" alt="Image (\d+), /g);
  return new Map([...found].map(([, data, place]) => [Number(place), Buffer.from(data!, 'base64')]));
}

/** Each pixel as a square. */
function enlarged({ pixels, height, width, channels }: Image, times: number): Uint8Array {
  return Uint8Array.from({ length: pixels.length * times ** 2 }, (_, place) => {
    const pixel = Math.floor(place / channels);
    const row = Math.floor(pixel / (width * times) / times);
    const column = Math.floor((pixel % (width * times)) / times);
    return row < height ? pixels[(row * width + column) * channels + (place % channels)]! : 0;
  });
}

describe('writeReport', () => {
  it.each([
    ['RGB', madeSet(32, 32, 3), 8],
    ['gray', madeSet(28, 20, 1), 9],
  ])('shows every pixel of small images: %s', async (name, set, times) => {
    const top = join(folder, 'new', name);
    const path = await writeReport(top, madeFile([2, 0], 4), set, {}, undefined);
    expect(path).toBe(join(top, 'index.html'));
    const pictures = await picturesOf(path);
    expect([...pictures.keys()]).toEqual([2, 0]);
    for (const [place, picture] of pictures) {
      const { data, info } = await sharp(picture)
        .toColourspace(set.channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { channels } = set;
      expect(info).toMatchObject({ height: set.height * times, width: set.width * times, channels });
      expect(data.equals(enlarged(imageAt(set, place), times))).toBe(true);
    }
  });

  it('reduces large images, and reads those of a set one at a time', async () => {
    const read: number[] = [];
    const set: Dataset = {
      ...toDataset(madeSet(300, 600, 3)),
      read: async (index) => {
        read.push(index);
        return { pixels: new Uint8Array(300 * 600 * 3).fill(90), height: 300, width: 600, channels: 3 };
      },
    };
    const path = await writeReport(join(folder, 'large'), madeFile([3, 1], 4), set, {}, undefined);
    expect(read).toEqual([3, 1]);
    const { data, info } = await sharp((await picturesOf(path)).get(1)!)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ height: 128, width: 256, channels: 3 });
    expect(new Set(data)).toEqual(new Set([90]));
  });

  it('leaves out pictures of broken images, and nothing else', async () => {
    const images = join(folder, 'images');
    await mkdir(join(images, 'cat'), { recursive: true });
    const create = { width: 9, height: 7, channels: 3, background: '#369' } as const;
    await sharp({ create })
      .png()
      .toFile(join(images, 'cat', '0.png'));
    await writeFile(join(images, 'cat', '1.png'), 'no image');
    const set = await imageFolder(images);
    const path = await writeReport(join(folder, 'broken'), madeFile([1, 0], 2), set, {}, undefined);
    expect([...(await picturesOf(path)).keys()]).toEqual([0]);
    expect(await readFile(path, 'utf8')).toContain('no picture');

    const other: Dataset = { ...set, read: () => Promise.reject(new RangeError('a fault of the program')) };
    await expect(writeReport(folder, madeFile([0], 2), other, {}, undefined)).rejects.toThrow(RangeError);
  });

  it('calls classes that WordNet numbers by their names', async () => {
    const file = madeFile([0], 4, ['n01440764', 'n01443537']);
    const path = await writeReport(join(folder, 'names'), file, madeSet(4, 4, 3), {}, undefined);
    expect(await readFile(path, 'utf8')).toContain('predicted <bdi>goldfish (n01443537)</bdi>');
  });

  it('stops on request, and refuses a set that is smaller than the one evaluated; then it writes nothing', async () => {
    const top = join(folder, 'none');
    const set = madeSet(4, 4, 3);
    await expect(writeReport(top, madeFile([0], 4), set, {}, AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await expect(writeReport(top, madeFile([4], 5), set, {}, undefined)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await expect(readFile(join(top, 'index.html'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
