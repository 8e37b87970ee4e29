import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

const external = ['#hub-host', /^node:/, /^@tensorflow\//];

export default defineConfig([
  { ...base, entry: ['src/index.ts', 'src/node.ts'], external },
  { ...base, entry: ['src/hub/host.browser.ts'], platform: 'browser', dts: false },
  { ...base, entry: ['src/hub/host.node.ts'], platform: 'node', dts: false },
]);
