import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { decodeImageFile } from '@resnet/data/node';
import { detect, prepareDetector } from '@resnet/detection';
import { loadDetector } from '@resnet/detection/node';
import { create, writeSafetensors } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { findObjects } from '../../../../examples/browser/src/worker/handlers/detect.js';
import { loadDetector as loadInWorker } from '../../../../examples/browser/src/worker/handlers/load-detector.js';
import { loadWeights } from '../../../../examples/browser/src/worker/handlers/load-weights.js';
import { closeDetector } from '../../../../examples/browser/src/worker/session.js';
import { useBrowser } from '../browser/use-browser.js';
import { alertText, give, textOf, waitForStatus, withApp } from './app-page.js';
import { app, builtApp } from './built-app.js';

const weights = join(app, 'weights/digits-detector.safetensors');
const scene = (number: number) => join(app, `public/scenes/digits-${number}.png`);
const pictures = join(import.meta.dirname, '../../../../docs/pictures');

/** The digits of the second scene. */
const DIGITS = '1 5';

beforeAll(async () => {
  await useBackend('wasm');
});

async function bytesOf(path: string): Promise<ArrayBuffer> {
  return new Uint8Array(await readFile(path)).buffer;
}

async function openDetect(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Detect' }).click();
  await waitForStatus(page, 'The detector of digits-detector.safetensors is open.');
}

async function chooseScene(page: Page, number: number): Promise<string> {
  await page.getByRole('button', { name: `Drawing: digits ${number}` }).click();
  return waitForStatus(page, new RegExp(`^digits-${number}\\.png: `));
}

const namesOf = (page: Page) => page.locator('.found .name').allTextContents();

describe('the tab Detect of the example in Chromium', () => {
  const browser = useBrowser();

  it('finds in each scene what Node finds', async () => {
    const { detector, normalization } = await loadDetector(weights);
    const prepared = prepareDetector(detector);
    detector.dispose();
    await withApp(
      browser(),
      builtApp,
      async ({ page, requests, origin }) => {
        await openDetect(page);
        expect(await textOf(page.locator('.detector'))).toContain('It finds 0, 1, 2, 3');
        for (const number of [1, 2, 3, 4]) {
          const { boxes, labels, scores } = await detect(prepared, await decodeImageFile(scene(number)), {
            normalization,
          });
          const sure = [...scores.keys()].filter((at) => scores[at]! >= 0.5);
          sure.sort((a, b) => scores[b]! - scores[a]!);
          expect(await chooseScene(page, number)).toContain(`${sure.length} objects`);
          expect(await namesOf(page)).toEqual(sure.map((at) => String(labels[at])));
          const shown = await page.locator('.found .box').allTextContents();
          for (const [index, at] of sure.entries()) {
            for (const [side, value] of shown[index]!.split(', ').entries()) {
              expect(Math.abs(Number(value) - boxes[4 * at + side]!)).toBeLessThan(0.6);
            }
          }
        }
        if (process.env.RESNET_SCREENSHOTS) {
          await chooseScene(page, 3);
          await page.screenshot({ path: join(pictures, 'browser-detect.png'), fullPage: true });
        }
        const canvas = page.locator('canvas.objects');
        expect(await canvas.getAttribute('aria-label')).toMatch(/^digits-\d\.png: \d \d+\.\d %/);
        expect(requests.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url))).toEqual([]);
      },
      { viewport: { width: 1000, height: 900 } },
    );
    prepared.dispose();
  });

  it('shows as many as are sure enough, and keeps its detector when the backend changes', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      await openDetect(page);
      await chooseScene(page, 1);
      await page.locator('#least-probability').fill('0.95');
      const sure = (await namesOf(page)).length;
      await page.locator('#least-probability').fill('0.05');
      const all = (await namesOf(page)).length;
      expect(all).toBeGreaterThan(sure);
      await page.selectOption('#backend', 'wasm-single');
      await page.locator('#backend-detail', { hasText: /^1 thread/ }).waitFor();
      // Other work on the machine may hold it up.
      page.setDefaultTimeout(90_000);
      await chooseScene(page, 2);
      await page.locator('#least-probability').fill('0.5');
      expect((await namesOf(page)).sort().join(' ')).toBe(DIGITS);
    });
  });

  it('takes detectors, and says what a file is that is none', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      await give(page, 'drop', 'mine.safetensors', await readFile(weights));
      expect(await alertText(page)).toContain('mine.safetensors is a detector: open it in the tab Detect.');
      await openDetect(page);
      await give(page, 'drop', 'mine.safetensors', await readFile(weights));
      await waitForStatus(page, 'The detector of mine.safetensors is open.');
      const network = create('resnet20');
      const bytes = writeSafetensors(await network.stateDict());
      network.dispose();
      await page.setInputFiles('#detector-file', {
        ...{ name: 'network.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) },
      });
      expect(await alertText(page)).toContain('The weights are of no detector that is known');
      // What was open is still there.
      expect(await chooseScene(page, 2)).toContain('2 objects');
      await give(page, 'paste', 'broken.png', Buffer.from('no image'));
      await page.locator('.alert', { hasText: 'broken.png' }).waitFor();
      // The picture on view keeps its name, and another detector is not given the broken one.
      await page.locator('#least-probability').fill('0.6');
      const label = await page.locator('canvas.objects').getAttribute('aria-label');
      expect(label).toMatch(/^digits-2\.png: /);
      await page.getByRole('button', { name: 'Built-in detector' }).click();
      await waitForStatus(page, 'The detector of digits-detector.safetensors is open.');
      expect(await page.locator('.alert').textContent()).toBe('');
    });
  });
});

describe('what the worker does to find objects, in Node', () => {
  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    await loadInWorker({ name: 'a.safetensors', bytes: await bytesOf(weights) });
    const open = tf.memory().numTensors;
    const { image, objects } = await findObjects({ name: 'b.png', bytes: await bytesOf(scene(2)) });
    expect(image).toMatchObject({ height: 128, width: 128, channels: 3 });
    const sure = objects.filter(({ probability }) => probability >= 0.5);
    expect(
      sure
        .map(({ name }) => name)
        .sort()
        .join(' '),
    ).toBe(DIGITS);
    const order = objects.map(({ probability }) => probability);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(tf.memory().numTensors).toBe(open);

    // If another can't be opened, this one stays.
    await expect(loadInWorker({ name: 'none.safetensors', bytes: new ArrayBuffer(9) })).rejects.toThrow();
    await expect(loadWeights({ name: 'd.safetensors', bytes: await bytesOf(weights) })).rejects.toMatchObject(
      {
        code: 'WEIGHTS_MISMATCH',
      },
    );
    await loadInWorker({ name: 'c.safetensors', bytes: await bytesOf(weights) });
    expect(tf.memory().numTensors).toBe(open);
    const gray = await sharp({ create: { width: 3, height: 2, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    await findObjects({ name: 'small.png', bytes: new Uint8Array(gray).buffer });
    closeDetector();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says that there is no detector', async () => {
    await expect(findObjects({ name: 'b.png', bytes: await bytesOf(scene(1)) })).rejects.toMatchObject({
      code: 'WEIGHTS_MISSING',
    });
  });
});
