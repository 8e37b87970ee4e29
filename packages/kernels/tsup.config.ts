import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

const external = ['#kernels-platform', /^@tensorflow\//];

export default defineConfig([
  {
    ...base,
    entry: ['src/index.ts', 'src/webgpu.ts', 'src/contracts.ts', 'src/regions.ts'],
    external,
    dts: {
      entry: ['src/index.ts', 'src/webgpu.ts', 'src/contracts.ts', 'src/regions.ts', 'src/gradients.ts'],
    },
  },
  {
    ...base,
    entry: ['src/gradients.ts'],
    external: [/^@tensorflow\/tfjs-[^/]+$/],
    noExternal: [/^@tensorflow\/tfjs-core\/dist\//],
    dts: false,
  },
  { ...base, entry: ['src/gradients.browser.ts'], external, dts: false },
  { ...base, entry: ['src/platform/platform.browser.ts'], platform: 'browser', dts: false },
  { ...base, entry: ['src/platform/platform.node.ts'], platform: 'node', dts: false },
]);
