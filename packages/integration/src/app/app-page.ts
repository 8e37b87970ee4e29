import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { serveFolder } from './serve-folder.js';

/** A page with the app, and what it has asked for. */
export interface Visit {
  page: Page;
  /** Of everything that the page has asked for. */
  requests: string[];
  origin: string;
}

/** Opens the app in a folder as long as `use` takes, and waits until it has started. */
export async function withApp(
  browser: Browser,
  folder: string,
  use: (visit: Visit) => Promise<void>,
  { isIsolated = true, ...options }: { isIsolated?: boolean } & BrowserContextOptions = {},
): Promise<void> {
  const server = await serveFolder(folder, { isIsolated });
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  try {
    const requests: string[] = [];
    context.on('request', (request) => requests.push(request.url()));
    const page = await context.newPage();
    await page.goto(server.url);
    await page.locator('[role=status]', { hasText: 'is open' }).waitFor();
    await use({ page, requests, origin: new URL(server.url).origin });
  } finally {
    await context.close();
    server.close();
  }
}

export const textOf = async (locator: Locator) => (await locator.textContent())!;

/** Waits for what the status line says. */
export async function waitForStatus(page: Page, text: string | RegExp): Promise<string> {
  await page.locator('[role=status]', { hasText: text }).waitFor();
  return textOf(page.locator('[role=status]'));
}

/** The message in the page, when there is one. */
export async function alertText(page: Page): Promise<string> {
  const alert = page.locator('.alert[role=alert] span');
  await alert.waitFor();
  return textOf(alert);
}

/** Waits for what the page says of a drawing. */
export async function chooseSample(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: `Drawing: ${name}` }).click();
  return waitForStatus(page, new RegExp(`^${name}\\.svg: `));
}
