import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { coded, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageFiles } from '../folders/image-files.js';
import { imageFolder } from '../folders/image-folder.js';
import { loader } from '../loading/loader.js';
import { type Admit, readAhead } from '../loading/read-ahead.js';
import type { Dataset } from '../sets/dataset.js';
import { readImageSet } from '../sets/read-image-set.js';
import { tarShards } from '../shards/tar-shards.js';
import { writeShards } from '../shards/write-shards.js';
import { datasetStatistics } from '../statistics/dataset-statistics.js';
import { decodeImage, decodeImageFile } from './decode-image.node.js';
import { readImage } from './read-image.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** Turbulence of many octaves over many pixels: minutes. */
const slowSvg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><filter id="a"><feTurbulence ' +
    'baseFrequency="9" numOctaves="99"/></filter><rect width="9000" height="9000" filter="url(#a)"/></svg>',
);

describe('what is no image', () => {
  it.each<[string, Buffer]>([
    ['SVG', slowSvg],
    ['SVG behind blanks', Buffer.concat([Buffer.from('  \n<?xml version="1.0"?>'), slowSvg])],
    ['SVG behind the first bytes of a JPEG', Buffer.concat([Buffer.from([0xff, 0xd8]), slowSvg])],
    ['SVG behind the first bytes of a GIF', Buffer.concat([Buffer.from('GIF8'), slowSvg])],
    ['SVG behind all the first bytes of a JPEG', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), slowSvg])],
    ['PDF', Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF')],
    ['a matrix of text', Buffer.from('2 2\n1 2\n3 4\n')],
  ])('is refused at once: %s', async (_, bytes) => {
    const path = join(folder, 'image.jpg');
    await writeFile(path, bytes);
    const before = performance.now();
    await expect(decodeImage(bytes, 'image.jpg')).rejects.toThrow(coded('IMAGE_INVALID', 'image.jpg'));
    const size = { height: 8, width: 8, channels: 3 } as const;
    await expect(readImage(path, size)).rejects.toThrow(coded('IMAGE_INVALID', 'image.jpg'));
    await mkdir(join(folder, 'of', 'a'), { recursive: true });
    await writeFile(join(folder, 'of', 'a', '1.jpg'), bytes);
    const set = await imageFolder(join(folder, 'of'));
    await expect(set.read(0)).rejects.toThrow(coded('IMAGE_INVALID', '1.jpg'));
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('is not put into shards', async () => {
    await mkdir(join(folder, 'drawn', 'a'), { recursive: true });
    await writeFile(join(folder, 'drawn', 'a', '1.jpg'), slowSvg);
    const set = await imageFolder(join(folder, 'drawn'));
    await expect(writeShards(set, join(folder, 'shards'))).rejects.toThrow(coded('IMAGE_INVALID', '1.jpg'));
  });

  it.skipIf(process.platform === 'win32')(
    'is a pipe or a device in a folder',
    async () => {
      const top = join(folder, 'odd');
      await mkdir(join(top, 'a'), { recursive: true });
      execFileSync('mkfifo', [join(top, 'a', '1.jpg'), join(top, 'shard-0.tar'), join(top, 'index.json')]);
      await symlink('/dev/zero', join(top, 'a', '2.jpg'));
      for (const name of ['1.jpg', '2.jpg']) {
        await expect(decodeImageFile(join(top, 'a', name))).rejects.toThrow(
          coded('FILE_UNREADABLE', 'a pipe or'),
        );
      }
      await expect(tarShards(top)).rejects.toThrow(coded('FILE_UNREADABLE', 'a pipe or a device'));
    },
    10_000,
  );
});

describe('a BMP of a few bytes', () => {
  it('is decoded soon, though it says that it has 100 million pixels', async () => {
    const bytes = Buffer.alloc(54 + 1024 + 2);
    bytes.write('BM');
    for (const [position, value] of [
      [10, 54 + 1024],
      [14, 40],
      [18, 10_000],
      [22, 10_000],
      [30, 1],
    ] as const) {
      bytes.writeUInt32LE(value, position);
    }
    bytes.writeUInt16LE(8, 28);
    // The end of the bitmap.
    bytes.set([0, 1], bytes.length - 2);
    const before = performance.now();
    expect(await decodeImage(bytes, 'large.bmp')).toMatchObject({ height: 10_000, width: 10_000 });
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('images that are read ahead', () => {
  it('take bounded memory while an earlier one is slow', async () => {
    const path = join(folder, 'large.png');
    await sharp({ create: { width: 3000, height: 3000, channels: 3, background: '#123456' } })
      .png()
      .toFile(path);
    const paths = Array.from({ length: 40 }, () => path);
    const whole = imageFiles({ name: 'large', classes: ['a'], paths, labels: paths.map(() => 0) });
    const slow: Dataset = {
      ...whole,
      async read(index, admit) {
        if (index === 0) await setTimeout(4000);
        return whole.read(index, admit);
      },
    };
    const start = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - start);
    }, 20);
    try {
      expect((await datasetStatistics(slow)).count).toBe(40);
    } finally {
      clearInterval(watch);
    }
    console.log(`40 images of 27 MB behind a slow one took ${Math.round(most / 2 ** 20)} MiB`);
    expect(most).toBeLessThan(550 * 2 ** 20);
  });

  it('are admitted in their order, and the next one to be taken always', async () => {
    const admitted: number[] = [];
    let held = 0;
    let most = 0;
    const read = async (position: number, admit: Admit) => {
      await admit(2 ** 27);
      admitted.push(position);
      most = Math.max(most, ++held);
      await setTimeout(1);
      // Its pixels are more than all may have.
      if (position === 7) await admit(2 ** 30);
      return position;
    };
    const taken: number[] = [];
    for await (const position of readAhead(0, 20, read, { ahead: 8 })) {
      taken.push(position);
      held--;
    }
    expect(taken).toEqual(Array.from({ length: 20 }, (_, position) => position));
    expect(admitted).toEqual(taken);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('are not waited for once nobody takes them', async () => {
    const read = async (position: number, admit: Admit) => {
      await admit(2 ** 29);
      return position;
    };
    for await (const position of readAhead(0, 20, read, { ahead: 8 })) {
      if (position === 2) break;
    }
    const ending = readAhead(
      0,
      20,
      async (position, admit) => (position === 1 ? Promise.reject(new Error('1')) : read(position, admit)),
      {
        ahead: 8,
      },
    );
    await expect(
      (async () => {
        for await (const _ of ending);
      })(),
    ).rejects.toThrow('1');
  }, 5000);

  it('ask before they take memory, whoever reads them', async () => {
    const path = join(folder, 'small.png');
    await sharp({ create: { width: 4, height: 5, channels: 3, background: '#123456' } })
      .png()
      .toFile(path);
    const whole = imageFiles({ name: 'small', classes: ['a'], paths: [path, path], labels: [0, 0] });
    let asked = 0;
    const set: Dataset = {
      ...whole,
      read: (index, admit) =>
        whole.read(index, async (bytes) => {
          asked += admit && bytes > 0 ? 1 : 0;
          await admit?.(bytes);
        }),
    };
    await readImageSet(set);
    await datasetStatistics(set);
    for await (const _ of loader(set, { batchSize: 2 }).epoch(0));
    // The file and its pixels, of two images, three times.
    expect(asked).toBe(12);
  });
});
