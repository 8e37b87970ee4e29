import { copyFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';

export default defineConfig({
  // Errors and random numbers are entries of their own for workers, which need no tensors.
  entry: ['src/index.ts', 'src/error.ts', 'src/random.ts', 'src/platform.browser.ts', 'src/platform.node.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  clean: true,
  external: [
    '#platform',
    '@resnet/kernels',
    '@resnet/kernels/webgpu',
    'webgpu',
    /^node:/,
    /^@tensorflow\/tfjs-[^/]+$/,
    // In a browser's bundle it is the only copy; for Node, without its '.js', it is bundled in here.
    '@tensorflow/tfjs-core/dist/register_all_gradients.js',
  ],
  noExternal: ['@tensorflow/tfjs-core/dist/register_all_gradients'],
  dts: { entry: ['src/index.ts', 'src/error.ts', 'src/random.ts'] },
  onSuccess: async () => copyFile('src/wasm-thread.cjs', 'dist/wasm-thread.cjs'),
});
