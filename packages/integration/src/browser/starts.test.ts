import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePage } from '../bundles/bundle-page.js';
import { withPage } from './browser-page.js';
import { useBrowser } from './use-browser.js';

let folder: string;
beforeAll(async () => {
  ({ folder } = await bundlePage('esbuild', 'backend'));
});
const browser = useBrowser();

/** Opens the page, in which a script runs first, and starts there with options, given as JavaScript, one after the other. */
async function startsOf(script: string, ...options: string[]): Promise<unknown[]> {
  const context = await browser().newContext();
  await context.addInitScript(script);
  const within = { newPage: () => context.newPage() } as Parameters<typeof withPage>[0];
  try {
    return await withPage(within, { folder, isIsolated: true }, async (page: Page) => {
      const outcomes: unknown[] = [];
      for (const each of options) {
        outcomes.push(
          await page.evaluate(`window.run(${each}).catch(({ code, message }) => ({ code, message }))`),
        );
      }
      return outcomes;
    });
  } finally {
    await context.close();
  }
}

const threads = 2;
const url = '^The wasm backend could not start: http://127\\.0\\.0\\.1:\\d+';
const advice = "say where: useBackend\\('wasm', \\{ wasmPaths: '/wasm/' \\}\\)\\.$";
const failure = (reason: string) => ({
  code: 'BACKEND_FAILED',
  message: expect.stringMatching(new RegExp(`${url}${reason}.* ${advice}`)),
});
const files = (folder: string, query = '') =>
  JSON.stringify(
    Object.fromEntries(
      ['', '-simd', '-threaded-simd'].map((kind) => {
        const name = `tfjs-backend-wasm${kind}.wasm`;
        return [name, `${folder}${name}${query}`];
      }),
    ),
  );

describe('where the files of tfjs are not where a page says', () => {
  it('the message names the address, what it gives, and the option; the right one then works', async () => {
    const outcomes = await startsOf(
      '',
      "{ threads: 2, wasmPaths: '/no/where' }",
      `{ threads: 2, wasmPaths: ${files('/index.html?')} }`,
      "{ threads: 1, wasmPaths: '/no/where/' }",
      '{ threads: 2 }',
    );
    expect(outcomes).toEqual([
      failure('/no/where/tfjs-backend-wasm-simd\\.wasm gives 404 Not Found\\.'),
      failure('/index\\.html\\?tfjs-backend-wasm-simd\\.wasm gives text/html, which is no WebAssembly\\.'),
      failure('/no/where/tfjs-backend-wasm-simd\\.wasm gives 404 Not Found\\.'),
      expect.objectContaining({ threads, warnings: [] }),
    ]);
  });

  it('nor beside the page, the message names the address that tfjs has tried', async () => {
    const [outcome] = await startsOf(
      "addEventListener('load', () => history.replaceState({}, '', '/deeper/page'))",
      '{ threads: 1, wasmPaths: undefined }',
    );
    expect(outcome).toEqual(failure('/deeper/tfjs-backend-wasm-simd\\.wasm gives 404 Not Found\\.'));
  });
});

describe('a page may say where the files of tfjs are', () => {
  it.for([
    ['by a folder without a slash at its end', 'location.origin'],
    ['by the address of each file', files('/', '?v=1')],
  ] as const)('%s', async ([, wasmPaths]) => {
    const [outcome] = await startsOf('', `{ threads: 2, wasmPaths: ${wasmPaths} }`);
    expect(outcome).toMatchObject({ threads, warnings: [] });
  });
});

describe('where threads cannot start, a page computes on one, and is told why', () => {
  it.for([
    [
      'as a bundler has broken their program',
      `const NativeBlob = Blob;
      globalThis.Blob = class extends NativeBlob {
        constructor(parts, options) {
          const start = /(?<=^var WasmBackendModuleThreadedSimd[^]*?(?:function *\\w*\\([^)]*\\)|=>)\\s*){/;
          super(parts.map((part) => part.replace?.(start, '{ unknown.default;') ?? part), options);
        }
      };`,
      "TypeError: Cannot read properties of undefined \\(reading 'default'\\)$",
    ],
    [
      'as they never answer',
      'globalThis.Worker = class { postMessage() {} terminate() {} };',
      'no answer within 20 seconds$',
    ],
  ] as const)('%s', { timeout: 60_000 }, async ([, script, reason]) => {
    const [outcome] = await startsOf(script, '{ threads: 2 }');
    const warning = new RegExp(`^The wasm backend computes on one thread, not on 2: ${reason}`);
    expect(outcome).toMatchObject({ threads: 1, warnings: [expect.stringMatching(warning)] });
  });
});
