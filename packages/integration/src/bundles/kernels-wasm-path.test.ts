import { beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser, withPage } from '../browser/browser-page.js';
import { loadedFiles } from '../browser/loaded-files.js';
import { useBrowser } from '../browser/use-browser.js';

describe('a page that serves the .wasm files of the kernels itself', () => {
  const browser = useBrowser();
  let script: string;
  beforeAll(async () => {
    script = await bundleForBrowser("import './bundles/pages/kernels/page.js';");
  });

  it.for([
    ['relaxed-simd', false],
    ['relaxed-simd-threads', true],
  ] as const)('loads the one that it uses: %s', async ([build, isIsolated]) => {
    await withPage(browser(), { script, isIsolated }, async (page) => {
      const outcome = await page.evaluate("window.run({ wasmPath: '/kernels/' })");
      expect(outcome).toMatchObject({ features: expect.arrayContaining(['relaxed-simd']) });
      const loaded = (await loadedFiles(page)).filter((path) => path.startsWith('/kernels/'));
      expect(loaded).toEqual([`/kernels/${build}.wasm`]);
    });
  });

  it.for([
    ['that serves nothing', '/nothing/', '404 Not Found'],
    ['that serves something else', '/page.js?', 'expected magic word'],
  ] as const)('fails with a path %s', async ([, wasmPath, reason]) => {
    await withPage(browser(), { script, isIsolated: false }, async (page) => {
      const outcome = await page.evaluate<Error>(`window.run({ wasmPath: '${wasmPath}' })`);
      expect(outcome).toMatchObject({ code: 'WASM_UNAVAILABLE' });
      expect(outcome.message).toContain(`Could not load relaxed-simd.wasm from ${wasmPath}: `);
      expect(outcome.message).toContain(reason);
    });
  });
});
