import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser, withPage } from '../browser/browser-page.js';
import { useBrowser } from '../browser/use-browser.js';
import type * as program from './threads-program.js';

type Program = typeof program;

function call<Name extends keyof Program>(
  page: Page,
  name: Name,
  ...parameters: Parameters<Program[Name]>
): Promise<Awaited<ReturnType<Program[Name]>>> {
  return page.evaluate(`window.program.${name}(${parameters.map((parameter) => JSON.stringify(parameter))})`);
}

/** Waits until so many workers are left. They end a while after they are told to. */
async function expectWorkers(page: Page, count: number): Promise<void> {
  await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(count);
}

describe("the kernels' threads in Chromium", () => {
  const browser = useBrowser();
  let script: string;
  beforeAll(async () => {
    script = await bundleForBrowser(
      "import * as program from './bundles/threads-program.ts'; window.program = program;",
    );
  });

  it('are as many as asked for, and end with the kernels', async () => {
    await withPage(browser(), { script, isIsolated: true }, async (page) => {
      const features = ['simd', 'relaxed-simd', 'threads', 'winograd'];
      expect(await call(page, 'start', 3)).toEqual({ threads: 3, features, workers: 2 });
      const running = page.workers().length;
      const values = await call(page, 'convolve');
      await call(page, 'disposeKernels');
      await expectWorkers(page, running - 2);

      expect(await call(page, 'start', 2)).toEqual({ threads: 2, features, workers: 1 });
      expect(await call(page, 'convolve')).toEqual(values);
      await expectWorkers(page, running - 1);
    });
  });

  it('end with the backend', async () => {
    await withPage(browser(), { script, isIsolated: true }, async (page) => {
      await call(page, 'start', 3);
      await call(page, 'removeBackend');
      await expectWorkers(page, 0);
    });
  });

  it('are not missed when they are lost', async () => {
    await withPage(browser(), { script, isIsolated: true }, async (page) => {
      await call(page, 'start', 3);
      const running = page.workers().length;
      const values = await call(page, 'convolve');
      await call(page, 'loseThreads');
      expect(await call(page, 'convolve')).toEqual(values);
      await expectWorkers(page, running - 2);
      expect(await call(page, 'convolve')).toEqual(values);
    });
  });

  it('are not there without cross-origin isolation', async () => {
    await withPage(browser(), { script, isIsolated: false }, async (page) => {
      const features = ['simd', 'relaxed-simd', 'winograd'];
      expect(await call(page, 'start', 3)).toEqual({ threads: 1, features, workers: 0 });
      expect(await call(page, 'convolve')).not.toContain(0);
      expect(page.workers()).toEqual([]);
    });
  });
});
