import type { Browser, Locator, Page } from 'playwright-core';
import { serveFolder } from './serve-folder.js';

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
  return Object.fromEntries(terms.map((term, index) => [term, values[index]!]));
}
