import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { SkipReporter } from './scripts/skip-reporter.js';
import { offerSoftwareGpu } from './scripts/software-gpu.js';

offerSoftwareGpu(process.env);

const root = import.meta.dirname;
/** Tests of pages, which say how long a page may keep its user waiting: nothing else runs beside them. */
const pages = 'src/{app,browser}/*.test.ts';
const projects = readdirSync(`${root}/packages`)
  .sort()
  .map((name) => ({
    name,
    folder: name,
    files: { include: ['src/**/*.test.ts'], exclude: [pages] },
    order: { maxWorkers: 2, sequence: { groupOrder: 0 } },
  }))
  .concat({
    name: 'browser',
    folder: 'integration',
    files: { include: [pages], exclude: [] },
    order: { maxWorkers: 1, sequence: { groupOrder: 1 } },
  });

export default defineConfig({
  test: {
    reporters: ['default', new SkipReporter()],
    projects: projects.map(({ name, folder, files, order }) => ({
      // Tests read the sources of every package, so that they never run against an old build.
      resolve: {
        alias: [
          { find: /^@resnet\/([\w-]+)$/, replacement: `${root}/packages/$1/src/index.ts` },
          { find: /^@resnet\/(\w+)\/(\w+)$/, replacement: `${root}/packages/$1/src/$2.ts` },
          {
            find: '#kernels-platform',
            replacement: `${root}/packages/kernels/src/platform/platform.node.ts`,
          },
          { find: '#hub-host', replacement: `${root}/packages/zoo/src/hub/host.node.ts` },
          { find: '#decode-image', replacement: `${root}/packages/data/src/images/decode-image.node.ts` },
          {
            find: '#start-worker',
            replacement: `${root}/packages/data/src/loading/workers/start.testing.ts`,
          },
          {
            find: '#backend-platform',
            replacement: `${root}/packages/backend/src/platform/platform.node.ts`,
          },
        ],
      },
      test: {
        name,
        root: `${root}/packages/${folder}`,
        ...files,
        ...order,
        testTimeout: 120_000,
        hookTimeout: 120_000,
        server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
      },
    })),
  },
});
