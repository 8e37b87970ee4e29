import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { useBackend } from '@resnet/backend';
import { readDigits } from '@resnet/data/node';
import { evaluate } from '@resnet/eval';
import { exportOnnx, openModel, readWeights } from '@resnet/zoo';
import { packTar } from 'modern-tar';
import type { Browser, Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../browser/use-browser.js';
import { againIfBusy, builtApp } from './built-app.js';
import { serveFolder } from './serve-folder.js';

const pictures = join(import.meta.dirname, '../../../../docs/pictures');

/** Opens the app's training as long as `use` takes. */
async function withTraining(
  browser: Browser,
  use: (page: Page) => Promise<void>,
  without?: RegExp,
): Promise<void> {
  const server = await serveFolder(builtApp, { isIsolated: true, ...(without ? { without } : {}) });
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  // Long, as the machine may have other work.
  context.setDefaultTimeout(300_000);
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    await openTab(page, without ? 'did not work' : 'is open');
    await use(page);
  } finally {
    await context.close();
    server.close();
  }
}

async function openTab(page: Page, status = 'is open'): Promise<void> {
  await page.locator('[role=status]', { hasText: status }).waitFor();
  await page.getByRole('tab', { name: 'Train' }).click();
}

interface Choices {
  kind?: 'residual' | 'plain' | 'both';
  depth?: number;
  iterations: number;
  rate?: number;
}

async function start(page: Page, { kind = 'residual', depth = 8, iterations, rate = 0.1 }: Choices) {
  await page.selectOption('#train-kind', kind);
  await page.selectOption('#train-depth', String(depth));
  await page.fill('#train-iterations', String(iterations));
  await page.fill('#train-rate', String(rate));
  await button(page, 'Start').click();
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const textOf = async (locator: Locator) => (await locator.textContent())!;
const summary = (page: Page) => textOf(page.locator('.summary'));
const waitForEnd = (page: Page, how: string) => page.locator('.pace', { hasText: `· ${how}` }).waitFor();

async function waitForStep(page: Page, step: number): Promise<void> {
  await page.waitForFunction(
    (step) => Number(document.querySelector('progress')!.value) >= step,
    step,
    // Frames come late to a busy machine.
    { polling: 20 },
  );
}

/** How many points the curve has. */
const pointsOf = async (page: Page, line: string): Promise<number> => {
  const points = await page.locator(`.line.${line}`).first().getAttribute('points');
  return points ? points.split(' ').length : 0;
};

async function save(page: Page, format: string): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Save as ${format}` }).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

async function alertText(page: Page): Promise<string> {
  const alert = page.locator('.alert span');
  await alert.waitFor();
  return textOf(alert);
}

/** Records of CIFAR-10's binary version: each of one color, by its class. */
function cifarFile(count: number): Buffer {
  const record = (label: number) => Buffer.concat([Buffer.of(label), Buffer.alloc(3072, 25 * label)]);
  return Buffer.concat(Array.from({ length: count }, (_, index) => record(index % 10)));
}

const binary = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

describe('training in the example, in Chromium', { timeout: 600_000 }, () => {
  const browser = useBrowser();

  it('learns the digits while the page stays free, and saves what it shows', againIfBusy, async () => {
    await withTraining(browser(), async (page) => {
      await page.evaluate(() => {
        const times: number[] = [];
        Object.assign(window, { longTasks: times });
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) times.push(duration);
        }).observe({ type: 'longtask' });
      });
      const started = performance.now();
      await start(page, { iterations: 120 });
      await waitForEnd(page, 'done');
      const seconds = (performance.now() - started) / 1000;
      const shown = await summary(page);
      const longest = Math.max(0, ...(await page.evaluate<number[]>('longTasks')));
      console.log(`${seconds.toFixed(0)} s; longest task ${longest} ms; ${shown}`);
      expect(longest).toBeLessThan(100);
      const [, percent] = /test error ([\d.]+) % at step 120/.exec(shown)!;
      expect(Number(percent)).toBeLessThan(10);
      expect(await pointsOf(page, 'train')).toBe(24);
      expect(await pointsOf(page, 'test')).toBe(12);

      const file = await save(page, 'safetensors');
      expect(file.name).toBe('resnet8.safetensors');
      const onnx = await save(page, 'ONNX');
      expect(onnx.name).toBe('resnet8.onnx');
      await useBackend('wasm');
      const model = openModel(readWeights(file.bytes));
      const { test } = await readDigits();
      const found = await evaluate(model.network, test, { normalization: model.normalization! });
      expect((100 * found.top1Error).toFixed(1)).toBe(percent);
      expect(Buffer.compare(onnx.bytes, Buffer.from(await exportOnnx(model)))).toBe(0);
      model.network.dispose();
    });
  });

  it('goes on after a pause and after a reload, to the weights of a run that never stopped', async () => {
    await withTraining(browser(), async (page) => {
      const choices = { kind: 'plain', iterations: 50 } as const;
      await start(page, choices);
      await waitForEnd(page, 'done');
      const expected = await save(page, 'safetensors');

      await start(page, choices);
      await waitForStep(page, 5);
      await button(page, 'Pause').click();
      await waitForEnd(page, 'paused');
      const paused = Number(await page.locator('progress').getAttribute('value'));
      expect(paused).toBeLessThan(50);
      await button(page, 'Resume').click();
      await waitForStep(page, Math.max(paused + 1, 22));
      await page.reload();

      const offer = page.getByRole('region', { name: 'Stored training' });
      await offer.waitFor();
      const [, step] = /^Training of Plain-8 stopped at step (\d+) of 50\./.exec(await textOf(offer))!;
      expect(Number(step)).toBeGreaterThanOrEqual(20);
      await page.locator('[role=status]', { hasText: 'is open' }).waitFor();
      await button(page, 'Go on').click();
      await waitForStep(page, Number(step));
      expect(await page.locator('progress').getAttribute('max')).toBe('50');
      await page.waitForFunction(() => document.querySelector('.line.train')?.getAttribute('points'));
      expect(await pointsOf(page, 'train')).toBeGreaterThanOrEqual(Math.floor(Number(step) / 5));
      await waitForEnd(page, 'done');
      expect(await offer.isVisible()).toBe(false);
      expect(await pointsOf(page, 'train')).toBe(10);
      expect(await pointsOf(page, 'test')).toBe(5);
      expect(Buffer.compare((await save(page, 'safetensors')).bytes, expected.bytes)).toBe(0);

      await page.reload();
      expect(await textOf(offer.locator('span'))).toBe('Training of Plain-8 was done: 50 steps.');
      await button(page, 'Discard').click();
      await offer.waitFor({ state: 'hidden' });
      await page.reload();
      await openTab(page);
      expect(await offer.isVisible()).toBe(false);
    });
  });

  it('trains two networks side by side', async () => {
    await withTraining(browser(), async (page) => {
      const [depth, iterations] = process.env.RESNET_SCREENSHOTS ? [20, 120] : [8, 20];
      await start(page, { kind: 'both', depth, iterations });
      await waitForStep(page, 12);
      const counts = await page.evaluate(() =>
        ['residual', 'plain'].map(
          (kind) => document.querySelector(`.line.${kind}.train`)!.getAttribute('points')!.split(' ').length,
        ),
      );
      // They take turns of five steps.
      expect(Math.abs(counts[0]! - counts[1]!)).toBeLessThanOrEqual(1);
      await waitForEnd(page, 'done');
      expect(await summary(page)).toMatch(
        new RegExp(
          `^After ${iterations} of ${iterations} steps\\. ResNet-${depth}: .* test error .* Plain-${depth}: .* test error`,
        ),
      );
      for (const kind of ['residual', 'plain']) {
        expect(await pointsOf(page, `${kind}.train`)).toBe(iterations / 5);
      }
      expect(await page.locator('.trained li').count()).toBe(2);
      if (process.env.RESNET_SCREENSHOTS) {
        await page.screenshot({ path: join(pictures, 'browser-train.png'), fullPage: true });
      }
    });
  });

  it('says that what is stored can’t be read, once', async () => {
    await withTraining(browser(), async (page) => {
      await page.evaluate(async () => {
        const folder = await navigator.storage.getDirectory();
        const file = await folder.getFileHandle('training.safetensors', { create: true });
        const stream = await file.createWritable();
        await stream.write('hello');
        await stream.close();
      });
      await page.reload();
      await openTab(page);
      expect(await textOf(page.locator('.warning'))).toContain('The stored training can’t be read');
      await page.reload();
      await openTab(page);
      expect(await textOf(page.locator('.warning'))).toBe('');
    });
  });

  it('leaves alone what another tab trains', async () => {
    await withTraining(browser(), async (page) => {
      await start(page, { iterations: 300 });
      await waitForStep(page, 1);
      const other = await page.context().newPage();
      await other.goto(page.url());
      await openTab(other);
      await start(other, { iterations: 2 });
      expect(await alertText(other)).toContain('Another tab of this page is training');
      await button(page, 'Stop').click();
      await waitForEnd(page, 'stopped');
      await start(other, { iterations: 2 });
      await waitForEnd(other, 'done');
    });
  });

  it('stops, and keeps what was trained but offers it no more', async () => {
    await withTraining(browser(), async (page) => {
      await start(page, { iterations: 300 });
      await waitForStep(page, 1);
      await button(page, 'Stop').click();
      await waitForEnd(page, 'stopped');
      expect((await save(page, 'safetensors')).bytes.length).toBeGreaterThan(100_000);
      expect(await button(page, 'Start').isEnabled()).toBe(true);
      await page.reload();
      await openTab(page);
      expect(await page.getByRole('region', { name: 'Stored training' }).isVisible()).toBe(false);
    });
  });

  it('says that training diverged, and trains again', async () => {
    await withTraining(browser(), async (page) => {
      await start(page, { iterations: 10, rate: 1e30 });
      expect(await alertText(page)).toMatch(/^ResNet-8: Training diverged: .* Lower the learning rate/);
      await waitForEnd(page, 'failed');
      await start(page, { iterations: 2 });
      await waitForEnd(page, 'done');
      expect(await textOf(page.locator('.alert'))).toBe('');
    });
  });

  it('trains on files of CIFAR-10, and refuses others', async () => {
    await withTraining(browser(), async (page) => {
      const [train, test] = [cifarFile(300), cifarFile(50)];
      const bad: [files: ReturnType<typeof binary>[], message: RegExp][] = [
        [[], /CIFAR-10 is not complete: there are no files/],
        [[binary('photo.jpg', Buffer.from('hello'))], /'photo\.jpg' is no file of CIFAR-10/],
        [[binary('data_batch_1.bin', Buffer.from('hello'))], /records of 3073 bytes, found 5 bytes/],
        [[binary('data_batch_1.bin', train)], /no images to test with, test_batch\.bin/],
        [[binary('cifar-10-binary.tar.gz', Buffer.from('hello'))], /must be a whole tar archive/],
      ];
      await page.selectOption('#train-data', 'cifar10');
      for (const [files, message] of bad) {
        await page.setInputFiles('#cifar-files', files);
        await start(page, { iterations: 2 });
        await page.locator('.alert span', { hasText: message }).waitFor({ timeout: 30_000 });
      }
      const archive = await packTar(
        [
          ['readme.html', Buffer.from('hello')],
          ['data_batch_2.bin', train],
          ['test_batch.bin', test],
        ].map(([name, body]) => ({
          header: { name: `cifar-10-batches-bin/${name}`, size: body!.length },
          body: body as Buffer,
        })),
      );
      for (const files of [
        [binary('data_batch_1.bin', train), binary('test_batch.bin', test)],
        [binary('cifar-10-binary.tar.gz', gzipSync(archive))],
      ]) {
        await page.setInputFiles('#cifar-files', files);
        await start(page, { iterations: 2 });
        await waitForEnd(page, 'done');
        expect(await summary(page)).toContain('test error');
        expect(await textOf(page.locator('.alert'))).toBe('');
      }
    });
  });

  it('says that storage is full, and trains on', async () => {
    await withTraining(browser(), async (page) => {
      const session = await page.context().newCDPSession(page);
      const { origin } = new URL(page.url());
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
      await start(page, { iterations: 22 });
      await waitForEnd(page, 'done');
      expect(await textOf(page.locator('.warning'))).toContain('can’t be stored in this browser');
      expect((await save(page, 'safetensors')).bytes.length).toBeGreaterThan(100_000);
    });
  });

  it('says that the backend or the digits could not be loaded', async () => {
    await withTraining(
      browser(),
      async (page) => {
        await start(page, { iterations: 2 });
        expect(await alertText(page)).toMatch(/wasm/i);
        await page.locator('#train-iterations:enabled').waitFor();
      },
      /\.wasm$/,
    );
    const server = await serveFolder(builtApp, { isIsolated: true, without: /digits\.bin$/ });
    const page = await browser().newPage();
    try {
      await page.goto(server.url);
      await openTab(page);
      await start(page, { iterations: 2 });
      expect(await alertText(page)).toContain('The digits could not be loaded (404');
    } finally {
      await page.close();
      server.close();
    }
  });
});
