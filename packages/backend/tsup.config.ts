import { copyFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

const gradients = '@tensorflow/tfjs-core/dist/register_all_gradients';
const shared: Options = {
  format: 'esm',
  target: 'es2022',
  external: ['#platform', '@resnet/kernels', /^@tensorflow\/tfjs-[^/]+$/],
};

export default defineConfig([
  // Errors and random numbers are entries of their own for workers, which need no tensors.
  { ...shared, entry: ['src/index.ts', 'src/error.ts', 'src/random.ts'], platform: 'neutral', dts: true },
  {
    ...shared,
    entry: ['src/platform.browser.ts'],
    platform: 'browser',
    external: [/^@tensorflow\//, '@resnet/kernels'],
  },
  {
    ...shared,
    entry: ['src/platform.node.ts'],
    platform: 'node',
    noExternal: [gradients],
    minify: true,
    onSuccess: async () => copyFile('src/wasm-thread.cjs', 'dist/wasm-thread.cjs'),
  },
]);
