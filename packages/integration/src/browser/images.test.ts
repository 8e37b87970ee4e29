import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, type Image, resize } from '@resnet/data';
import { imagenetSamples, madeBomb, noImagenetSamples } from '@resnet/testing';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser, noBrowser, withPage } from './browser-page.js';
import { useBrowser } from './use-browser.js';

/** An image file for the page to decode, and the size to resize it to, if any. */
interface Job {
  file: string;
  name: string;
  side?: number;
}

type Answer = { height: number; width: number; pixels: string } | { code: string; message: string };

/** Decodes on the page, or in a worker that runs the same script. */
const program = `
  import { decodeImage, resize } from '@resnet/data';
  const text = (bytes) => {
    let all = '';
    for (let at = 0; at < bytes.length; at += 8192) all += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(all);
  };
  const decode = async ({ file, name, side }) => {
    try {
      const whole = await decodeImage(Uint8Array.from(atob(file), (character) => character.charCodeAt(0)), name);
      const { height, width, pixels } = side ? resize(whole, { height: side, width: side }) : whole;
      return { height, width, pixels: text(pixels) };
    } catch ({ code, message }) {
      return { code, message };
    }
  };
  if (typeof document === 'undefined') {
    addEventListener('message', async ({ data }) => postMessage(await decode(data)));
  } else {
    window.onPage = decode;
    window.inWorker = (job) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/page.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = reject;
        worker.postMessage(job);
      });
  }
`;

// Made by scripts/fixtures/image-modes.py.
const modes: { name: string; file: string; height: number; width: number; pixels: string }[] = JSON.parse(
  readFileSync(new URL('../../../data/fixtures/image-modes.json', import.meta.url), 'utf8'),
).files;
const known = modes.filter(({ name }) => !name.endsWith('.tif'));

describe('decoding images in Chromium', () => {
  const browser = useBrowser();
  let script: string;
  beforeAll(async () => {
    script = await bundleForBrowser(program);
  });

  async function answers(jobs: Job[], where: 'onPage' | 'inWorker' = 'onPage'): Promise<Answer[]> {
    return withPage(browser(), { script, isIsolated: false }, async (page) => {
      await page.waitForFunction('window.onPage');
      const list: Answer[] = [];
      for (const job of jobs) list.push(await page.evaluate(`window.${where}(${JSON.stringify(job)})`));
      return list;
    });
  }

  async function decoded(
    files: Uint8Array[],
    { side, where }: { side?: number; where?: 'onPage' | 'inWorker' } = {},
  ): Promise<Image[]> {
    const jobs = files.map((file, index) => ({
      file: Buffer.from(file).toString('base64'),
      name: `file ${index}`,
      ...(side ? { side } : {}),
    }));
    return (await answers(jobs, where)).map((answer) => {
      if ('code' in answer) throw new Error(answer.message);
      const { height, width, pixels } = answer;
      return { height, width, channels: 3, pixels: new Uint8Array(Buffer.from(pixels, 'base64')) };
    });
  }

  /** The mean and the largest difference of two images of one size. */
  function difference(found: Image, expected: Image): { mean: number; most: number } {
    expect([found.height, found.width]).toEqual([expected.height, expected.width]);
    let sum = 0;
    let most = 0;
    for (const [position, value] of found.pixels.entries()) {
      const distance = Math.abs(value - expected.pixels[position]!);
      sum += distance;
      most = Math.max(most, distance);
    }
    return { mean: sum / found.pixels.length, most };
  }

  describe.for(['onPage', 'inWorker'] as const)('what PIL gives, %s', (where) => {
    let found: Image[];
    beforeAll(async () => {
      if (noBrowser) return;
      found = await decoded(
        known.map(({ file }) => Buffer.from(file, 'base64')),
        { where },
      );
    });

    // By so much a value is off in Chromium 156: canvases don't keep the colors of transparent pixels.
    it.for([
      ['color.jpg', 0],
      ['color.png', 0],
      ['color.webp', 0],
      ['gray.jpg', 0],
      ['gray.png', 0],
      ['bits.png', 0],
      ['transparent.png', 40],
      ['gray-transparent.png', 22],
      ['palette.png', 0],
      ['palette-transparent.png', 0],
      ['cmyk.jpg', 0],
      ['cmyk-with-black.jpg', 1],
      ['turned.jpg', 0],
      ['color.bmp', 0],
      ['palette.bmp', 0],
      ['runs.bmp', 0],
      ['color.ppm', 0],
      ['gray.pgm', 0],
      ['bits.pbm', 0],
      ['animated.gif', 0],
      ['animated.webp', 0],
    ] as const)('%s, to %i of 255', ([name, most]) => {
      const index = known.findIndex((mode) => mode.name === name);
      const { height, width, pixels } = known[index]!;
      const expected = { height, width, channels: 3, pixels: new Uint8Array(Buffer.from(pixels, 'base64')) };
      const apart = difference(found[index]!, expected);
      expect(apart.most).toBeLessThanOrEqual(most);
      expect(apart.mean).toBeLessThan(2);
    });
  });

  it('gives what sharp gives: a large JPEG, a PNG of 16 bits, files that are to be turned', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const picture = (height: number, width: number) =>
      sharp({ create: { height, width, channels: 3, background: 'black', noise } });
    const small = picture(40, 60);
    const files = await Promise.all([
      picture(2100, 2101).blur(2).jpeg({ quality: 92 }).toBuffer(),
      small.clone().toColourspace('rgb16').png().toBuffer(),
      small.clone().withMetadata({ orientation: 6 }).png().toBuffer(),
      small.clone().withMetadata({ orientation: 6 }).webp({ lossless: true }).toBuffer(),
      small.clone().withMetadata({ orientation: 3 }).jpeg().toBuffer(),
    ]);
    for (const [index, found] of (await decoded(files)).entries()) {
      const { mean, most } = difference(found, await decodeImage(files[index]!, 'file'));
      expect(most, `file ${index}`).toBeLessThanOrEqual(1);
      expect(mean, `file ${index}`).toBeLessThan(2);
    }
  });

  it('refuses what is no image, is cut off, or claims to be huge', async () => {
    const jpeg = await sharp({ create: { height: 300, width: 300, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const named = (name: string, file: Uint8Array) => ({ name, file: Buffer.from(file).toString('base64') });
    const [text, empty, half, header, bomb, tiff] = await answers([
      named('text.jpg', new TextEncoder().encode('hello')),
      named('empty.jpg', new Uint8Array()),
      named('half.jpg', jpeg.subarray(0, jpeg.length / 2)),
      named('header.jpg', jpeg.subarray(0, 20)),
      named('bomb.png', madeBomb()),
      { name: 'color.tif', file: modes.find(({ name }) => name === 'color.tif')!.file },
    ]);
    for (const answer of [text, empty, half, header, bomb, tiff]) {
      expect(answer).toMatchObject({ code: 'IMAGE_INVALID' });
    }
    expect(text).toMatchObject({ message: expect.stringContaining("'text.jpg' must be an image") });
    expect(tiff).toMatchObject({
      message: expect.stringContaining('no JPEG, PNG, GIF, WebP, BMP or PNM image'),
    });
    expect(bomb).toMatchObject({ message: expect.stringContaining('one of 20000 x 20000 pixels') });
  });

  it.skipIf(noImagenetSamples)(
    `gives the photographs that sharp gives, whole and resized${noImagenetSamples}`,
    async () => {
      const folders = await readdir(imagenetSamples);
      const files = await Promise.all(
        folders.map(async (folder) => {
          const [name] = await readdir(join(imagenetSamples, folder));
          return readFile(join(imagenetSamples, folder, name!));
        }),
      );
      const [whole, small] = [await decoded(files), await decoded(files, { side: 224 })];
      const means: number[] = [];
      for (const [index, file] of files.entries()) {
        const expected = await decodeImage(file, 'file');
        const apart = difference(whole[index]!, expected);
        const resized = difference(small[index]!, resize(expected, { height: 224, width: 224 }));
        expect(apart.mean, folders[index]).toBeLessThan(2);
        expect(resized.mean, folders[index]).toBeLessThan(2);
        means.push(apart.mean, resized.mean);
      }
      console.log(
        `${files.length} photographs: at most ${Math.max(...means).toFixed(3)} of 255 apart in the mean`,
      );
    },
  );
});
