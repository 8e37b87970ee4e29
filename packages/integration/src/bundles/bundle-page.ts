import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import { vi } from 'vitest';
import webpack from 'webpack';

/** What a bundler wrote, and what it complained of. */
export interface Bundle {
  folder: string;
  complaints: string[];
}

/** Modules that are replaced by empty ones. */
type LeftOut = readonly string[];
const emptied = (names: LeftOut) => Object.fromEntries(names.map((name) => [name, 'data:text/javascript,']));

/** Each writes a page to a folder, and returns the bundler's warnings and errors, such as an import of Node's modules. */
const bundlers = {
  async esbuild(source: string, folder: string, leftOut: LeftOut): Promise<string[]> {
    const { errors, warnings } = await esbuild
      .build({
        entryPoints: [join(source, 'page.js')],
        outdir: folder,
        alias: emptied(leftOut),
        bundle: true,
        splitting: true,
        format: 'esm',
        minify: true,
        logLevel: 'silent',
        // What is published has none; ours would send the bundler to the sources.
        tsconfigRaw: '{}',
      })
      .catch((failure: esbuild.BuildFailure) => failure);
    await copyFile(join(source, 'index.html'), join(folder, 'index.html'));
    return [...errors, ...warnings].map(({ text }) => text);
  },

  async vite(source: string, folder: string, leftOut: LeftOut): Promise<string[]> {
    // Else it bundles for tests, as it is run in one.
    vi.stubEnv('NODE_ENV', 'production');
    const complaints: string[] = [];
    const customLogger = vite.createLogger('silent');
    customLogger.warn = (message) => void complaints.push(message);
    const build = { outDir: folder, emptyOutDir: true };
    await vite
      .build({
        root: source,
        resolve: { alias: emptied(leftOut) },
        build,
        configFile: false,
        logLevel: 'silent',
        customLogger,
      })
      .catch((error: Error) => complaints.push(error.message));
    return complaints;
  },

  async webpack(source: string, folder: string, leftOut: LeftOut): Promise<string[]> {
    const compiler = webpack({
      mode: 'production',
      entry: join(source, 'page.js'),
      // Ours would send it to the sources, where Node can strip types.
      resolve: { alias: leftOut.map((name) => ({ name, alias: false })), tsconfig: false },
      output: { path: folder, filename: 'page.js' },
      // Warnings of size do not matter here.
      performance: false,
    })!;
    const { compilation } = await new Promise<webpack.Stats>((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats!)));
    });
    await copyFile(join(source, 'index.html'), join(folder, 'index.html'));
    return [...compilation.errors, ...compilation.warnings].map(({ message }) => message);
  },
};

export type Bundler = keyof typeof bundlers;
export const BUNDLERS = Object.keys(bundlers) as Bundler[];

/**
 * Bundles a page of `src/pages` for production, as the bundler does it without configuration.
 *
 * @param leftOut modules that are replaced by empty ones
 */
export async function bundlePage(bundler: Bundler, name: string, leftOut: LeftOut = []): Promise<Bundle> {
  const folder = join(
    import.meta.dirname,
    '..',
    '..',
    'dist',
    'pages',
    bundler,
    [name, ...leftOut.keys()].join('-'),
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const complaints = await bundlers[bundler](join(import.meta.dirname, 'pages', name), folder, leftOut);
  return { folder, complaints };
}
