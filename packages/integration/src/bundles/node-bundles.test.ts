import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const tfjsFolder = join(
  dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')),
  'wasm-out',
  '/',
);

// tfjs's code, not that of the kernels, takes these from Node's CommonJS.
const commonJs = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { dirname: __dirname, filename: __filename } = import.meta;`;

describe('a program for Node that installs the kernels', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'resnet-node-bundles-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.for([
    ['cjs', ''],
    ['esm', commonJs],
  ] as const)('runs elsewhere as one file: %s', async ([format, banner]) => {
    const outfile = join(folder, format === 'cjs' ? 'program.cjs' : 'program.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'node-program.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      banner: { js: banner },
      logLevel: 'silent',
      // What is published has none; ours would send the bundler to the sources.
      tsconfigRaw: '{}',
    });
    const output = execFileSync(process.execPath, [outfile, tfjsFolder], { cwd: folder, encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({
      features: expect.arrayContaining(['simd', 'winograd']),
      gradient: [9, 12, 9, 12, 16, 12, 9, 12, 9],
    });
  });
});
