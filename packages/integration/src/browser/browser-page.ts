import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Site, servePage } from './page-server.js';

export const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Why no page can be opened here, if so. */
export const noBrowser = existsSync(executablePath)
  ? undefined
  : `no browser at ${executablePath} (CHROMIUM_PATH names another)`;

/** Chromium's software GPU, for machines without another. */
const softwareGpu = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];

export function launchBrowser({ gpu = false } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', ...(gpu ? softwareGpu : ['--disable-gpu'])],
  });
}

/** Bundles a module of this package's `src` as a user's bundler would, from the packages as they were built. */
export async function bundleForBrowser(
  contents: string,
  alias: Record<string, string> = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(import.meta.dirname, '..') },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    alias,
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
  return outputFiles[0]!.text;
}

/** Opens a page as long as `use` takes. */
export async function withPage<T>(browser: Browser, site: Site, use: (page: Page) => Promise<T>): Promise<T> {
  const server = await servePage(site);
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = await use(page);
    await page.close();
    return result;
  } finally {
    server.close();
  }
}
