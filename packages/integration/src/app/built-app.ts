import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, vi } from 'vitest';
import { noBrowser } from '../browser/browser-page.js';

/** The sources of the browser's example. */
export const app = join(import.meta.dirname, '../../../../examples/browser');

/**
 * For tests that look how long tasks of the page take: other work on the machine may hold one up, but not the same test three
 * times over.
 */
export const againIfBusy = { retry: 2 };

/** Builds the app for the tests of a file; gives its folder. */
export function useBuiltApp(): () => string {
  let folder: string;
  beforeAll(async () => {
    if (noBrowser) return;
    folder = await mkdtemp(join(tmpdir(), 'resnet-app-'));
    // Else it bundles for tests, as it is run in one.
    vi.stubEnv('NODE_ENV', 'production');
    await build({
      root: app,
      configFile: join(app, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return () => folder;
}
