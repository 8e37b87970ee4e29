import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { imageAt } from '@resnet/data';
import { readCifar10 } from '@resnet/data/node';
import { madeBomb, realCifar10, sharedData, temporaryFolder } from '@resnet/testing';
import { create, prepare, toTensor, writeSafetensors } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { executablePath, noBrowser } from '../browser/browser-page.js';
import { useBrowser } from '../browser/use-browser.js';
import {
  alertText,
  chooseSample,
  colors,
  give,
  openFile,
  textOf,
  waitForNetwork,
  waitForStatus,
  withApp,
} from './app-page.js';
import { againIfBusy, app, builtApp } from './built-app.js';
import { serveFolder } from './serve-folder.js';

const samples = join(app, 'public/samples');
const pictures = join(import.meta.dirname, '../../../../docs/pictures');
const torchWeights = join(sharedData, 'torch-weights/resnet20-12fca82f.th');

beforeAll(async () => {
  if (!noBrowser) await useBackend('wasm');
});

describe('the example in Chromium', () => {
  const browser = useBrowser();

  it('keeps tfjs out of what the page itself runs', async () => {
    const html = await readFile(join(builtApp, 'index.html'), 'utf8');
    const [, script] = /<script type="module"[^>]* src="\.\/([^"]+)"/.exec(html)!;
    const text = await readFile(join(builtApp, script!), 'utf8');
    expect(text.length).toBeLessThan(48_000);
    expect(text).not.toMatch(/^import/m);
  });

  it('tells every sample right, fast, and asks no other host for anything', againIfBusy, async () => {
    await withApp(
      browser(),
      builtApp,
      async ({ page, requests, origin }) => {
        await page.evaluate(() => {
          const times: number[] = [];
          const shifts: number[] = [];
          Object.assign(window, { longTasks: times, shifts });
          new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) times.push(duration);
          }).observe({ type: 'longtask' });
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as unknown as { value: number }[]) shifts.push(entry.value);
          }).observe({ type: 'layout-shift' });
        });
        const names = (await readdir(samples)).map((name) => name.replace('.svg', ''));
        expect(names.length).toBeGreaterThanOrEqual(4);
        for (const name of names) {
          expect(await chooseSample(page, name)).toContain(`${name}.svg: ${name}, `);
        }
        await page.locator('.time', { hasText: 'ms an image' }).waitFor();
        expect(Math.max(0, ...(await page.evaluate<number[]>('longTasks')))).toBeLessThan(100);
        expect(await page.evaluate('shifts')).toEqual([]);
        if (process.env.RESNET_SCREENSHOTS) {
          await chooseSample(page, 'ship');
          await page.locator('figcaption', { hasText: 'ship' }).waitFor();
          await page.screenshot({ path: join(pictures, 'browser-classify.png'), fullPage: true });
        }
        // What the worker asks for is among them.
        expect(requests.filter((url) => url.endsWith('.wasm'))).toHaveLength(1);
        expect(requests.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url))).toEqual([]);
      },
      { viewport: { width: 1000, height: 900 } },
    );
  });

  it('shows where it sees the class that is clicked, by keys too', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      await chooseSample(page, 'horse');
      const caption = page.locator('figcaption').first();
      await page.locator('figcaption', { hasText: 'horse' }).waitFor();
      expect(await page.locator('.bars button').count()).toBe(5);
      const first = await colors(page, 'canvas:not(.seen)');
      expect(first.width).toBe(256);
      expect((await colors(page, '.seen')).width).toBe(32);

      const second = page.locator('.bars button').nth(1);
      const name = await textOf(second.locator('.name'));
      await second.focus();
      await page.keyboard.press('Enter');
      await page.locator('figcaption', { hasText: name }).waitFor();
      expect(await textOf(caption)).toContain(name);
      expect(await second.getAttribute('aria-pressed')).toBe('true');
      expect((await colors(page, 'canvas:not(.seen)')).text).not.toBe(first.text);
    });
  });

  describe('threads', () => {
    const detail = (page: Page) => textOf(page.locator('#backend-detail'));

    it('are as many as the machine has where the page is isolated', async () => {
      await withApp(browser(), builtApp, async ({ page }) => {
        const cores = await page.evaluate<number>('navigator.hardwareConcurrency');
        expect(await detail(page)).toBe(
          cores > 1 ? `${cores} threads` : '1 thread: this machine has no more',
        );
        await page.selectOption('#backend', 'cpu');
        await waitForStatus(page, 'JavaScript');
        expect(await detail(page)).toContain('plain JavaScript');
        await page.selectOption('#backend', 'wasm');
        await waitForStatus(page, 'WebAssembly');
        expect(await detail(page)).toContain('thread');
        await page.selectOption('#backend', 'wasm-single');
        await waitForStatus(page, 'WebAssembly, 1 thread');
        expect(await detail(page)).toBe('1 thread');
        expect(await chooseSample(page, 'ship')).toContain('ship.svg: ship, ');
      });
    });

    it('are one where it is not, and no service worker may make it so', async () => {
      await withApp(
        browser(),
        builtApp,
        async ({ page }) => expect(await detail(page)).toMatch(/^1 thread: .* not cross-origin isolated/),
        { isIsolated: false, serviceWorkers: 'block' },
      );
    });

    it('come by the service worker where the host sends no headers', async () => {
      await withApp(
        browser(),
        builtApp,
        async ({ page }) => {
          await page.waitForFunction(() => crossOriginIsolated);
          const cores = await page.evaluate<number>('navigator.hardwareConcurrency');
          await page.locator('#backend-detail', { hasText: /thread/ }).waitFor();
          expect(await detail(page)).toMatch(cores > 1 ? `${cores} threads` : /^1 thread/);
        },
        { isIsolated: false },
      );
    });
  });

  it('gives the logits that Node gives, for a dropped file of PyTorch and 500 images of CIFAR-10', async (context) => {
    if (!existsSync(torchWeights)) return context.skip('needs resnet20-12fca82f.th in the shared data');
    const cifar = await realCifar10();
    if ('missing' in cifar) return context.skip(cifar.missing);
    const test = await readCifar10(cifar.folder, 'test');
    const images = Array.from({ length: 500 }, (_, index) => imageAt(test, index));
    const files = await Promise.all(
      images.map(({ pixels, height, width }) =>
        sharp(pixels, { raw: { height, width, channels: 3 } })
          .png()
          .toBuffer(),
      ),
    );

    const { network, normalization } = await loadModel(torchWeights);
    const classifier = await prepare(network);
    const input = toTensor(
      {
        images: test.images.subarray(0, 500 * 3072),
        count: 500,
        height: 32,
        width: 32,
        channels: 3,
      },
      normalization!,
    );
    const output = await classifier.infer(input);
    const expected = (await output.array()) as number[][];
    for (const owner of [input, output, classifier, network]) owner.dispose();

    await withApp(browser(), builtApp, async ({ page }) => {
      await give(page, 'drop', 'resnet20-12fca82f.th', await readFile(torchWeights));
      await waitForNetwork(page, 'resnet20-12fca82f.th');
      const facts = await textOf(page.locator('.facts'));
      for (const text of ['269,722', '10 classes', 'airplane, automobile', 'mean 0.485, 0.456, 0.406']) {
        expect(facts).toContain(text);
      }
      const found = await page.evaluate<number[][]>(`(async () => {
        const all = [];
        for (const text of ${JSON.stringify(files.map((file) => file.toString('base64')))}) {
          const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
          const { logits } = await app.worker.call('classify', { name: 'image', bytes });
          all.push([...logits]);
        }
        return all;
      })()`);
      const right = (all: number[][]) =>
        all.filter((logits, index) => logits.indexOf(Math.max(...logits)) === test.labels[index]).length;
      expect(right(found)).toBe(right(expected));
      expect(right(found)).toBeGreaterThan(445);
      let most = 0;
      for (const [index, logits] of expected.entries()) {
        for (const [position, value] of logits.entries()) {
          most = Math.max(most, Math.abs(value - found[index]![position]!));
        }
      }
      console.log(`${right(found)} of 500 right; logits at most ${most.toExponential(1)} from Node's`);
      expect(most).toBeLessThan(1e-5);
    });
  });

  it('says what is wrong with what it is given, and goes on', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      const text = Buffer.from('hello');
      const weights = writeSafetensors(
        new Map([['some.weight', { shape: [2], data: Float32Array.of(1, 2) }]]),
      );
      const network = create('resnet20', {});
      const whole = writeSafetensors(await network.stateDict());
      network.dispose();
      const bad: [name: string, bytes: Buffer, message: RegExp][] = [
        ['text.png', text, /'text\.png' must be an image/],
        ['empty.jpg', Buffer.alloc(0), /'empty\.jpg' must be an image/],
        ['bomb.png', madeBomb(), /20000 x 20000 pixels/],
        ['broken.svg', text, /'broken\.svg' must be an SVG image/],
        ['text.pth', text, /Expected weights as safetensors or saved by PyTorch/],
        ['empty.th', Buffer.alloc(0), /an empty file/],
        ['cut.safetensors', Buffer.from(whole.subarray(0, whole.length / 2)), /bytes/],
        ['other.safetensors', Buffer.from(weights), /No network of this project/],
      ];
      for (const [name, bytes, message] of bad) {
        await give(page, 'drop', name, bytes);
        expect(await alertText(page), name).toMatch(message);
        expect(await chooseSample(page, 'airplane'), name).toContain('airplane.svg: airplane');
        expect(await textOf(page.locator('.alert[role=alert]'))).toBe('');
      }
    });
  });

  it('computes the same in plain JavaScript, again as soon as it is chosen', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      const before = await chooseSample(page, 'truck');
      await page.evaluate(() => document.querySelector('[role=status]')!.replaceChildren());
      await page.selectOption('#backend', 'cpu');
      expect(await waitForStatus(page, /^truck\.svg: /)).toBe(before);
      expect(await textOf(page.locator('#backend-detail'))).toContain('plain JavaScript');
    });
  });

  it('goes on without the built-in weights where they can’t be loaded', async () => {
    const server = await serveFolder(builtApp, { isIsolated: true, without: /\.safetensors$/ });
    const page = await browser().newPage();
    try {
      await page.goto(server.url);
      expect(await alertText(page)).toContain('The built-in weights could not be loaded (404');
      await page.getByRole('button', { name: 'Drawing: frog' }).click();
      expect(await alertText(page)).toContain('There is no network yet');
      const network = create('resnet20', {});
      const buffer = Buffer.from(writeSafetensors(await network.stateDict()));
      network.dispose();
      await openFile(page, { name: 'own.safetensors', buffer });
      await page.getByRole('button', { name: 'Use these' }).click();
      await waitForStatus(page, /^frog\.svg: /);
    } finally {
      await page.close();
      server.close();
    }
  });

  it('takes networks for ImageNet', async () => {
    const network = create('resnet18');
    const { folder, remove } = await temporaryFolder();
    const file = join(folder, 'resnet18.safetensors');
    await writeFile(file, writeSafetensors(await network.stateDict()));
    network.dispose();
    try {
      await withApp(browser(), builtApp, async ({ page }) => {
        await openFile(page, file);
        await waitForStatus(page, 'ResNet-18 is open');
        expect(await textOf(page.locator('.facts'))).toContain('tench (n01440764)');
        await chooseSample(page, 'frog');
        expect((await colors(page, '.seen')).width).toBe(224);
      });
    } finally {
      await remove();
    }
  });

  it('asks for the normalization that weights don’t tell, and takes gray images', async () => {
    const network = create('resnet20', { inChannels: 1 });
    const buffer = Buffer.from(writeSafetensors(await network.stateDict()));
    network.dispose();
    await withApp(browser(), builtApp, async ({ page }) => {
      await openFile(page, { name: 'gray.safetensors', buffer });
      await waitForNetwork(page, 'gray.safetensors');
      expect(await textOf(page.locator('.facts'))).toContain('class 0, class 1');
      await page.getByRole('button', { name: 'Drawing: frog' }).click();
      expect(await alertText(page)).toContain('how images are normalized');

      const std = page.getByLabel('Standard deviation of gray');
      await std.fill('0');
      await page.getByRole('button', { name: 'Use these' }).click();
      expect(await alertText(page)).toContain('the deviation above 0');
      await std.fill('0.5');
      await page.keyboard.press('Enter');
      expect(await waitForStatus(page, /frog\.svg: /)).toMatch(/class \d, /);
      await openFile(page, { name: 'again.safetensors', buffer });
      await waitForNetwork(page, 'again.safetensors');
      expect(await page.locator('.bars button').count()).toBe(0);
      await page.getByRole('button', { name: 'Use these' }).click();
      expect(await waitForStatus(page, /frog\.svg: /)).toMatch(/class \d, /);
      expect(await textOf(page.locator('.facts'))).toContain('mean 0.5; standard deviation 0.25');
    });
  });

  it('takes a picture that is pasted, or chosen as a file', async () => {
    const png = await sharp(join(samples, 'ship.svg')).png().toBuffer();
    await withApp(browser(), builtApp, async ({ page }) => {
      await give(page, 'paste', 'pasted.png', png);
      expect(await waitForStatus(page, /pasted\.png: /)).toContain('ship');
      const buffer = await sharp(png).webp().toBuffer();
      await page.setInputFiles('#picture-file', { name: 'chosen.webp', mimeType: 'image/webp', buffer });
      expect(await waitForStatus(page, /chosen\.webp: /)).toContain('ship');
    });
  });

  it('takes pictures with a camera, which ends when the page is hidden', async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ];
    const withCamera = await chromium.launch({ executablePath, args });
    try {
      await withApp(withCamera, builtApp, async ({ page }) => {
        await page.getByRole('button', { name: 'Camera', exact: true }).click();
        await page.waitForFunction(() => document.querySelector('video')!.videoWidth > 0);
        await page.getByRole('button', { name: 'Take picture' }).click();
        await waitForStatus(page, /camera\.png: /);
        await page.evaluate(() => {
          const video = document.querySelector('video')!;
          Object.assign(window, { track: (video.srcObject as MediaStream).getTracks()[0] });
          Object.defineProperty(document, 'hidden', { value: true });
          document.dispatchEvent(new Event('visibilitychange'));
        });
        expect(await page.evaluate('track.readyState')).toBe('ended');
        expect(await page.locator('#panel-0 .camera').isVisible()).toBe(false);
      });
    } finally {
      await withCamera.close();
    }
  });

  it('says that the camera was refused', async () => {
    await withApp(browser(), builtApp, async ({ page }) => {
      await page.getByRole('button', { name: 'Camera', exact: true }).click();
      expect(await alertText(page)).toMatch(/camera/);
    });
  });
});
