import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from './browser-program.js';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const reason = existsSync(executablePath)
  ? undefined
  : `no browser at ${executablePath} (CHROMIUM_PATH names another)`;

async function bundleForBrowser(): Promise<string> {
  const contents = "import { train } from './browser-program.ts'; window.train = train;";
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
  return outputFiles[0]!.text;
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

describe('a page in Chromium', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!reason) browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser?.close());

  it.for([
    ['with cross-origin isolation, on two threads', true, 2],
    ['without, on one', false, 1],
  ] as const)('trains as Node does: %s', async ([, isIsolated, threads], context) => {
    if (reason || !browser) return context.skip(reason);
    const script = await bundleForBrowser();
    const server = await serve(script, isIsolated);
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction('window.train');
      const inPage = await page.evaluate<Awaited<ReturnType<typeof train>>>(
        "window.train({ threads: 2, wasmPaths: '/' })",
      );
      const inNode = await train({ threads: 2 });
      expect(inPage).toMatchObject({ threads, tensors: 0 });
      for (const [step, loss] of inNode.losses.entries()) expect(inPage.losses[step]).toBeCloseTo(loss, 4);
      await page.close();
    } finally {
      server.close();
    }
  });
});
