import { decodeImage, loader, randomResizedCrop } from '@resnet/data';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser, withPage } from './browser-page.js';
import { useBrowser } from './use-browser.js';

/** Loads batches on a page, of PNGs and of their addresses, and gives a sum of each batch's bytes and its labels. */
const program = `
  import { decodeImage, loader, randomResizedCrop } from '@resnet/data';
  window.load = async ({ files, workers, epoch, kind }) => {
    const bytes = files.map((file) => Uint8Array.from(atob(file), (character) => character.charCodeAt(0)));
    const urls = bytes.map((file) => URL.createObjectURL(new Blob([file])));
    const set = {
      name: 'made',
      count: files.length,
      classes: ['even', 'odd'],
      labels: Int32Array.from(files, (_, index) => index % 2),
      read: (index) => decodeImage(bytes[index].slice(), 'file ' + index),
      encoded: async (index) => (kind === 'urls' ? urls[index] : bytes[index].slice()),
    };
    const transform = randomResizedCrop(12);
    const batches = loader(set, { batchSize: 3, seed: 4, shuffle: true, transform, workers });
    try {
      const list = [];
      for await (const { images, labels } of batches.epoch(epoch)) {
        list.push({ labels: [...labels], sum: images.reduce((sum, value, position) => (sum * 31 + value + position) % 1e9, 0) });
      }
      return list;
    } catch ({ code, message }) {
      return { code, message };
    } finally {
      batches.close();
    }
  };
`;

describe('workers of the loader in Chromium', () => {
  const browser = useBrowser();
  let script: string;
  let files: Uint8Array[];
  beforeAll(async () => {
    script = await bundleForBrowser(program);
    const noise = { type: 'gaussian', mean: 128, sigma: 50 } as const;
    files = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        sharp({ create: { height: 20 + index, width: 30, channels: 3, background: 'black', noise } })
          .png()
          .toBuffer(),
      ),
    );
  });

  const loaded = (options: object) =>
    withPage(browser(), { script, isIsolated: false }, async (page) => {
      await page.waitForFunction('window.load');
      const given = {
        files: files.map((file) => Buffer.from(file).toString('base64')),
        epoch: 1,
        ...options,
      };
      return page.evaluate(`window.load(${JSON.stringify(given)})`);
    });

  it('give what the page itself gives, and what Node does', async () => {
    const expected: object[] = [];
    const batches = loader(
      {
        name: 'made',
        count: 10,
        classes: ['even', 'odd'],
        labels: Int32Array.from({ length: 10 }, (_, index) => index % 2),
        read: (index) => decodeImage(files[index]!, 'file'),
      },
      { batchSize: 3, seed: 4, shuffle: true, transform: randomResizedCrop(12) },
    );
    for await (const { images, labels } of batches.epoch(1)) {
      const sum = images.reduce((total, value, position) => (total * 31 + value + position) % 1e9, 0);
      expected.push({ labels: [...labels], sum });
    }
    expect(expected.length).toBe(4);
    expect(await loaded({ workers: 0 })).toEqual(expected);
    expect(await loaded({ workers: 1 })).toEqual(expected);
    expect(await loaded({ workers: 2, kind: 'urls' })).toEqual(expected);
  });

  it('name what is broken', async () => {
    files[4] = new TextEncoder().encode('no image');
    expect(await loaded({ workers: 2 })).toMatchObject({ code: 'IMAGE_INVALID' });
  });
});
