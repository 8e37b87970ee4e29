import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser, launchBrowser, noBrowser, withPage } from './browser-page.js';
import { train } from './browser-program.js';

describe('a page in Chromium', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!noBrowser) browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it.for([
    ['with cross-origin isolation, on two threads', true, 2],
    ['without, on one', false, 1],
  ] as const)('trains as Node does: %s', async ([, isIsolated, threads], context) => {
    if (!browser) return context.skip(noBrowser);
    const script = await bundleForBrowser(
      "import { train } from './browser/browser-program.ts'; window.train = train;",
    );
    await withPage(browser, { script, isIsolated }, async (page) => {
      await page.waitForFunction('window.train');
      const inPage = await page.evaluate<Awaited<ReturnType<typeof train>>>(
        "window.train({ threads: 2, wasmPaths: '/' })",
      );
      const inNode = await train({ threads: 2 });
      expect(inPage).toMatchObject({ threads, tensors: 0 });
      for (const [step, loss] of inNode.losses.entries()) expect(inPage.losses[step]).toBeCloseTo(loss, 4);
    });
  });
});
