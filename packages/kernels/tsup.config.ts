import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

const external = ['#host', /^@tensorflow\//];

export default defineConfig([
  {
    ...base,
    entry: ['src/index.ts', 'src/webgpu.ts', 'src/contracts.ts'],
    external,
    dts: { entry: ['src/index.ts', 'src/webgpu.ts', 'src/contracts.ts', 'src/gradients.ts'] },
  },
  {
    ...base,
    entry: ['src/gradients.ts'],
    external: [/^@tensorflow\/tfjs-[^/]+$/],
    noExternal: [/^@tensorflow\/tfjs-core\/dist\//],
    dts: false,
  },
  { ...base, entry: ['src/gradients.browser.ts'], external, dts: false },
  { ...base, entry: ['src/host.browser.ts'], platform: 'browser', dts: false },
  { ...base, entry: ['src/host.node.ts'], platform: 'node', dts: false },
]);
