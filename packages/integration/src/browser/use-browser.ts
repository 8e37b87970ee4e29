import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { launchBrowser, noBrowser } from './browser-page.js';

/** Gives the tests of a `describe` a browser, or skips them where there is none. */
export function useBrowser(options?: Parameters<typeof launchBrowser>[0]): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!noBrowser) browser = await launchBrowser(options);
  });
  beforeEach(({ skip }) => skip(!browser, noBrowser));
  afterAll(() => browser?.close());
  return () => browser!;
}
