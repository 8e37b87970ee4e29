import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

export default defineConfig([
  {
    ...base,
    entry: {
      index: 'src/index.ts',
      node: 'src/node.ts',
      'decode-image.node': 'src/images/decode-image.node.ts',
    },
    external: ['#decode-image', '#start-worker', /^node:/, /^@tensorflow\//],
  },
  {
    ...base,
    entry: ['src/loading/workers/start.node.ts', 'src/loading/workers/program.node.ts'],
    platform: 'node',
    dts: false,
  },
  { ...base, entry: ['src/images/decode-image.browser.ts'], platform: 'browser', dts: false },
  { ...base, entry: ['src/loading/workers/start.browser.ts'], platform: 'browser', dts: false },
]);
