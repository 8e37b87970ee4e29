import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { withPage } from '../browser/browser-page.js';
import { loadedFiles } from '../browser/loaded-files.js';
import { useBrowser } from '../browser/use-browser.js';
import { BUILDS, filesWithBuild } from './builds-in-bundle.js';
import { BUNDLERS, type Bundle, bundlePage } from './bundle-page.js';

const PAGES = ['backend', 'kernels'] as const;
const bundles = {} as Record<`${(typeof PAGES)[number]} by ${(typeof BUNDLERS)[number]}`, Bundle>;
beforeAll(async () => {
  const all = PAGES.flatMap((page) => BUNDLERS.map((bundler) => [page, bundler] as const));
  await Promise.all(
    all.map(async ([page, bundler]) => {
      bundles[`${page} by ${bundler}`] = await bundlePage(bundler, page);
    }),
  );
});

describe.for(BUNDLERS)('bundled by %s', (bundler) => {
  it.for(PAGES)('the page of the %s needs no configuration and nothing of Node', (page) => {
    expect(bundles[`${page} by ${bundler}`].complaints).toEqual([]);
  });

  it.for(PAGES)('the page of the %s has each build of the kernels in a separate file', (page) => {
    const { folder } = bundles[`${page} by ${bundler}`];
    const files = BUILDS.map((build) => filesWithBuild(folder, build));
    expect(files.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(new Set(files.flat()).size).toBe(4);
  });
});

describe('in Chromium', () => {
  const browser = useBrowser();

  it.for([
    ['esbuild', 'simd', false, { relaxedSimd: false }],
    ['esbuild', 'relaxed-simd', false, {}],
    ['vite', 'relaxed-simd', false, {}],
    ['webpack', 'relaxed-simd', false, {}],
    // The others' minifiers keep tfjs's own threads from starting, which @resnet/backend mends.
    ['esbuild', 'relaxed-simd-threads', true, { threads: 2 }],
  ] as const)(
    'the page of the kernels convolves: by %s, with %s',
    async ([bundler, build, isIsolated, options]) => {
      const { folder } = bundles[`kernels by ${bundler}`];
      await withPage(browser(), { folder, isIsolated }, async (page) => {
        expect(await page.evaluate(`window.run(${JSON.stringify(options)})`)).toEqual({
          features: [
            'simd',
            ...(build.startsWith('relaxed') ? ['relaxed-simd'] : []),
            ...(isIsolated ? ['threads'] : []),
            'winograd',
          ],
          threads: isIsolated ? 2 : 1,
          output: [4, 6, 6, 4, 6, 9, 9, 6, 6, 9, 9, 6, 4, 6, 6, 4],
          gradients: [
            [4, 6, 6, 4, 6, 9, 9, 6, 6, 9, 9, 6, 4, 6, 6, 4],
            [9, 12, 9, 12, 16, 12, 9, 12, 9],
          ],
        });
        const loaded = await loadedFiles(page);
        const isLoaded = (file: string) => loaded.includes(file);
        expect(BUILDS.filter((name) => filesWithBuild(folder, name).some(isLoaded))).toEqual([build]);
      });
    },
  );

  it.for([
    ['vite', 'with cross-origin isolation', true, 2],
    ['vite', 'without cross-origin isolation', false, 1],
    ['webpack', 'with cross-origin isolation', true, 2],
    ['webpack', 'without cross-origin isolation', false, 1],
  ] as const)(
    'the page of the backend starts: by %s, %s',
    { timeout: 20_000 },
    async ([bundler, , isIsolated, threads]) => {
      const { folder } = bundles[`backend by ${bundler}`];
      await withPage(browser(), { folder, isIsolated }, async (page) => {
        expect(await page.evaluate('window.run({ threads: 2 })')).toMatchObject({ threads });
      });
    },
  );

  it('the page of the backend starts threads under the content security policy of docs/browser.md', async () => {
    const document = readFileSync(join(import.meta.dirname, '../../../../docs/browser.md'), 'utf8');
    const [, policy] = /^Content-Security-Policy: (.*)$/m.exec(document)!;
    const { folder } = bundles['backend by esbuild'];
    await withPage(browser(), { folder, isIsolated: true, policy: policy! }, async (page) => {
      expect(await page.evaluate('window.run({ threads: 2 })')).toMatchObject({ threads: 2 });
    });
  });

  it('the page of the backend has one thread where the policy forbids others', async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; worker-src 'none'";
    const { folder } = bundles['backend by esbuild'];
    await withPage(browser(), { folder, isIsolated: true, policy }, async (page) => {
      expect(await page.evaluate('window.run({ threads: 2 })')).toMatchObject({ threads: 1 });
    });
  });
});
