import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import type { StartWorker } from './start.js';
import { startWorkersFrom } from './start.node.js';

// Node runs no TypeScript in threads, so tests start the sources' worker from a bundle of its own.
let program: URL | undefined;

export const startWorker: StartWorker = (setup, events) => {
  program ??= bundle();
  return startWorkersFrom(program)(setup, events);
};

function bundle(): URL {
  const source = import.meta.dirname;
  const packages = join(source, '../../../..');
  const folder = join(dirname(packages), 'node_modules/.cache/resnet');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `data-worker-${process.pid}.mjs`);
  buildSync({
    entryPoints: [join(source, 'program.node.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: {
      '@resnet/core': join(packages, 'core/src/index.ts'),
      '@resnet/files/node': join(packages, 'files/src/node.ts'),
    },
  });
  return pathToFileURL(outfile);
}
