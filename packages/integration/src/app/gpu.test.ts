import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../browser/use-browser.js';
import { alertText, chooseSample, waitForStatus, withApp } from './app-page.js';
import { app, builtApp } from './built-app.js';

async function computeWith(page: Page, choice: string, device: RegExp): Promise<void> {
  await page.selectOption('#backend', choice);
  await page.locator('#backend-detail', { hasText: device }).waitFor();
}

/** Ends the process that all pages have their GPU from. */
async function loseGpu(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  // Nobody is left to answer.
  session.send('Browser.crashGpuProcess').catch(() => {});
}

describe.each([
  { choice: 'webgpu', device: /^WebGPU on \S/ },
  { choice: 'webgl', device: /^WebGL on \S/ },
])('the example on $choice, in Chromium', ({ choice, device }) => {
  const browser = useBrowser({ gpu: true });

  it('tells every sample right, with the logits of WebAssembly', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      const names = (await readdir(join(app, 'public/samples'))).map((name) => name.replace('.svg', ''));
      const logitsOf = (name: string) =>
        page.evaluate<number[]>(`(async () => {
          const image = new Image(64, 64);
          image.src = 'samples/${name}.svg';
          await image.decode();
          const canvas = new OffscreenCanvas(64, 64);
          canvas.getContext('2d').drawImage(image, 0, 0, 64, 64);
          const bytes = await (await canvas.convertToBlob()).arrayBuffer();
          return [...(await app.worker.call('classify', { name: '${name}', bytes })).logits];
        })()`);
      const expected = new Map<string, number[]>();
      for (const name of names) expected.set(name, await logitsOf(name));
      await computeWith(page, choice, device);
      const classNames = await page.evaluate<string[]>('app.network.classNames');
      let most = 0;
      for (const [name, logits] of expected) {
        const found = await logitsOf(name);
        expect(classNames[found.indexOf(Math.max(...found))]).toBe(name);
        const largest = Math.max(...logits.map(Math.abs));
        for (const [index, value] of logits.entries()) {
          most = Math.max(most, Math.abs(value - found[index]!) / largest);
        }
      }
      console.log(`${choice}: logits at most ${most.toExponential(1)} of the largest from WebAssembly's`);
      expect(most).toBeLessThan(1e-3);
    });
  });

  it('finds the digits that WebAssembly finds', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      await page.getByRole('tab', { name: 'Detect' }).click();
      await waitForStatus(page, 'The detector of digits-detector.safetensors is open.');
      const find = async () => {
        await page.getByRole('button', { name: 'Drawing: digits 2' }).click();
        await waitForStatus(page, /^digits-2\.png: 2 objects/);
        return page.locator('.found li').allTextContents();
      };
      // A software GPU takes its time.
      page.setDefaultTimeout(90_000);
      const expected = await find();
      await computeWith(page, choice, device);
      expect(await find()).toEqual(expected);
    });
  });

  it('says that the GPU was lost, and goes on without it', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      await computeWith(page, choice, device);
      // That takes the software GPU seconds, and then it is measured.
      await page.getByRole('button', { name: 'Drawing: horse' }).click();
      await loseGpu(browser());
      expect(await alertText(page)).toMatch(new RegExp(`The ${choice} backend has lost its GPU`));
      await page.locator('#backend-detail', { hasText: 'thread' }).waitFor();
      expect(await page.locator('#backend').inputValue()).toBe('wasm');
      expect(await chooseSample(page, 'frog')).toContain('frog.svg: frog');
      await computeWith(page, choice, device);
      expect(await waitForStatus(page, /^frog\.svg: /)).toContain('frog');
    });
  });
});
