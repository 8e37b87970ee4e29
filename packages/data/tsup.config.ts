import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

export default defineConfig([
  {
    ...base,
    entry: ['src/index.ts', 'src/node.ts', 'src/decode-image.ts'],
    external: ['#decode-image', '#start-worker', /^node:/, /^@tensorflow\//],
  },
  {
    ...base,
    entry: ['src/workers/start.node.ts', 'src/workers/program.node.ts'],
    platform: 'node',
    dts: false,
  },
  { ...base, entry: ['src/decode-image.browser.ts'], platform: 'browser', dts: false },
  { ...base, entry: ['src/workers/start.browser.ts'], platform: 'browser', dts: false },
]);
