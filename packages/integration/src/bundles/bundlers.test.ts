import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import webpack from 'webpack';
import { BUNDLERS, bundlePage } from './bundle-page.js';

/** All of the project that a page may use. */
const page = `
  import { useBackend } from '@resnet/backend';
  import { BasicBlock } from '@resnet/blocks';
  import { loader } from '@resnet/data';
  import { evaluate } from '@resnet/eval';
  import { fit } from '@resnet/train';
  import { drawCurves } from '@resnet/charts';
  import { create } from '@resnet/zoo';
  console.log(useBackend, BasicBlock, loader, evaluate, fit, drawCurves, create);
`;

describe('a browser bundle of all packages', () => {
  it('resolves, takes the browser’s side of the backend, and has the gradients once', async () => {
    const result = await build({
      stdin: { contents: page, resolveDir: join(import.meta.dirname, '..', '..') },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
      logLevel: 'silent',
      // What is published has none; ours would send the bundler to the sources.
      tsconfigRaw: '{}',
    });
    expect(result.errors).toEqual([]);
    const files = Object.keys(result.metafile.inputs);
    expect(files.some((file) => file.endsWith('platform.browser.js'))).toBe(true);
    expect(files.filter((file) => file.includes('platform.node'))).toEqual([]);
    expect(files.filter((file) => file.endsWith('gradients/Conv2D_grad.js'))).toHaveLength(1);
    expect(files.filter((file) => file.includes('tf-core.node'))).toEqual([]);
  });
});

describe('a page that is rendered in Node first', () => {
  it('has no module in it that webpack can not follow', { timeout: 240_000 }, async () => {
    const compiler = webpack({
      mode: 'development',
      devtool: false,
      target: 'node20',
      // Ours would send it to the sources, where Node can strip types.
      resolve: { tsconfig: false },
      entry: join(import.meta.dirname, 'pages', 'backend', 'page.js'),
      output: { path: await mkdtemp(join(tmpdir(), 'resnet-rendered-')) },
    })!;
    const { compilation } = await new Promise<webpack.Stats>((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats!)));
    });
    await rm(compilation.outputOptions.path!, { recursive: true });
    const files = [...compilation.modules].map((module) => module.identifier());
    expect(files.some((file) => file.endsWith('platform.node.js'))).toBe(true);
    expect([...compilation.errors, ...compilation.warnings].map(({ message }) => message)).toEqual([]);
  });
});

describe.each(BUNDLERS)('%s', (bundler) => {
  it('complains of a page that imports a module of Node', async () => {
    const { complaints } = await bundlePage(bundler, 'built-in');
    expect(complaints).toContainEqual(expect.stringContaining('node:fs'));
  });
});
