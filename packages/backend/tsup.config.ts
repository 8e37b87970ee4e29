import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'platform.browser': 'src/platform/platform.browser.ts',
    'platform.node': 'src/platform/platform.node.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  clean: true,
  external: [
    '#backend-platform',
    '@resnet/core',
    '@resnet/kernels',
    '@resnet/kernels/regions',
    '@resnet/kernels/webgpu',
    'webgpu',
    /^node:/,
    /^@tensorflow\/tfjs-[^/]+$/,
    // In a browser's bundle it is the only copy; for Node, without its '.js', it is bundled in here.
    '@tensorflow/tfjs-core/dist/register_all_gradients.js',
  ],
  noExternal: ['@tensorflow/tfjs-core/dist/register_all_gradients'],
  dts: { entry: ['src/index.ts'] },
  onSuccess: async () => {
    await copyFile('src/platform/wasm-thread.cjs', 'dist/wasm-thread.cjs');
    await dropEmptyImports('dist');
  },
});

/** esbuild imports each part that an entry needs, if only through another part, and warns of it in the bundles of users. */
async function dropEmptyImports(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.js')) continue;
    const text = await readFile(`${folder}/${name}`, 'utf8');
    await writeFile(`${folder}/${name}`, text.replace(/^import "\.\/chunk-\w+\.js";\n/gm, ''));
  }
}
