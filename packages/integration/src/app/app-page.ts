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

/** Chooses a file of weights. */
export async function openFile(page: Page, file: string | { name: string; buffer: Buffer }): Promise<void> {
  const chosen = typeof file === 'string' ? file : { mimeType: 'application/octet-stream', ...file };
  await page.setInputFiles('#weights-file', chosen);
}

/** Waits until the network of a file is open. */
export const waitForNetwork = (page: Page, file: string) =>
  page.locator('.facts', { hasText: `from ${file}` }).waitFor();

/** Drops or pastes a file onto the page. */
export async function give(page: Page, kind: 'drop' | 'paste', name: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    ([kind, name, text]) => {
      const bytes = Uint8Array.from(atob(text!), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name!));
      const options = { bubbles: true, cancelable: true };
      document.body.dispatchEvent(
        kind === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: data })
          : new ClipboardEvent('paste', { ...options, clipboardData: data }),
      );
    },
    [kind, name, bytes.toString('base64')],
  );
}

/** What a canvas shows. */
export const colors = (page: Page, selector: string) =>
  page.evaluate((selector) => {
    const canvas = document.querySelector(selector) as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, text: Array.from(data).join() };
  }, selector);
