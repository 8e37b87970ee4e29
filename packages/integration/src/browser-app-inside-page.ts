import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, vi } from 'vitest';
import { serveFolder } from './browser-app-server.js';
import { noBrowser } from './browser-page.js';

const app = join(import.meta.dirname, '../../../examples/browser');

/** Builds the app for the tests of a file; gives its folder. */
export function useBuiltApp(): () => string {
  let folder: string;
  beforeAll(async () => {
    if (noBrowser) return;
    folder = await mkdtemp(join(tmpdir(), 'resnet-app-inside-'));
    // Else it bundles for tests, as it is run in one.
    vi.stubEnv('NODE_ENV', 'production');
    await build({
      root: app,
      configFile: join(app, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return () => folder;
}

/**
 * Opens the app at the tab 'Look inside' as long as `use` takes, with tasks longer than 50 ms in `longTasks` of the page. Finding
 * elements by role takes such tasks itself.
 */
export async function lookInside(
  browser: Browser,
  folder: string,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const server = await serveFolder(folder, { isIsolated: true });
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  context.setDefaultTimeout(30_000);
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    await statusOf(page, 'is open');
    await page.evaluate(() => {
      const longTasks: number[] = [];
      Object.assign(window, { longTasks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longTasks.push(duration);
      }).observe({ type: 'longtask' });
    });
    await page.getByRole('tab', { name: 'Look inside' }).click();
    await use(page);
  } finally {
    await context.close();
    server.close();
  }
}

/** Waits for what the status line says. */
export async function statusOf(page: Page, text: string | RegExp): Promise<string> {
  const status = page.locator('[role=status]', { hasText: text }).first();
  await status.waitFor();
  return textOf(status);
}

export const textOf = async (locator: Locator) => (await locator.textContent())!;

/** The button of a layer in the drawing. */
export const layerButton = (page: Page, name: string) => page.locator(`.drawing .layer[data-name="${name}"]`);

/** Waits until a layer is shown, and gives what the page says of it, by name. */
export async function detailsOf(page: Page, name: string): Promise<Record<string, string>> {
  await page.locator('.layer-details h2', { hasText: name }).waitFor();
  const terms = await page.locator('.layer-details dt').allTextContents();
  const values = await page.locator('.layer-details dd').allTextContents();
  return Object.fromEntries(terms.map((term, place) => [term, values[place]!]));
}
