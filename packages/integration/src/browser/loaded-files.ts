import type { Page } from 'playwright-core';

/** The paths of what a page has loaded, apart from itself. */
export async function loadedFiles(page: Page): Promise<string[]> {
  const urls = await page.evaluate<string[]>(
    "performance.getEntriesByType('resource').map(({ name }) => name)",
  );
  return urls.map((url) => new URL(url).pathname);
}
