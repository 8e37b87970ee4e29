import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Why no page can be opened here, if so. */
export const noBrowser = existsSync(executablePath)
  ? undefined
  : `no browser at ${executablePath} (CHROMIUM_PATH names another)`;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** Bundles a module as a user's bundler would, of the packages as they were built. */
export async function bundleForBrowser(
  contents: string,
  alias: Record<string, string> = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
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

/** Opens a page that runs the script, with cross-origin isolation or without, as long as `use` takes. */
export async function withPage<T>(
  browser: Browser,
  { script, isIsolated }: { script: string; isIsolated: boolean },
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const server = await serve(script, isIsolated);
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

/** Serves the page, with the headers of cross-origin isolation or without. */
function serve(script: string, isIsolated: boolean): Promise<Server> {
  const require = createRequire(import.meta.url);
  const wasmFolder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  const isolation = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const server = createServer((request, response) => {
    const headers = isIsolated ? isolation : {};
    const send = (type: string, body: string | Buffer) =>
      response.writeHead(200, { ...headers, 'Content-Type': type }).end(body);
    if (request.url === '/')
      send('text/html', '<!doctype html><script type="module" src="/page.js"></script>');
    else if (request.url === '/page.js') send('text/javascript', script);
    else if (/^\/tfjs-backend-wasm[\w-]*\.wasm$/.test(request.url!))
      send('application/wasm', readFileSync(wasmFolder + request.url));
    else response.writeHead(404).end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
