import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const require = createRequire(import.meta.url);
const packages = join(import.meta.dirname, '..', '..', '..');

/** Where imports of jasmine-core lead: to the part of it that needs no files, and to what tfjs expects of it. */
export const jasmineAliases = {
  'jasmine-core': join(dirname(require.resolve('jasmine-core')), 'jasmine-core', 'jasmine.js'),
  'jasmine-core/lib/jasmine-core/jasmine.js': join(import.meta.dirname, 'jasmine-for-tfjs.ts'),
};

/** Bundles the tests with tfjs and with the sources of this project, so that there is one tfjs-core for all. */
export async function bundleForNode(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'node.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    // tfjs's and Emscripten's code calls require().
    format: 'cjs',
    // Node's builds of tfjs's packages are files that hold everything; the tests import single modules.
    mainFields: ['module', 'main'],
    alias: jasmineAliases,
    plugins: [sources],
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
}

/** The sources of this project as the other tests read them. What they load by URL stays beside them. */
const sources: Plugin = {
  name: 'sources',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@resnet\/\w+(\/\w+)?$/ }, ({ path }) => {
      const [, name, entry = 'index'] = path.split('/');
      return { path: join(packages, name!, 'src', `${entry}.ts`) };
    });
    onResolve({ filter: /^#backend-platform$/ }, () => ({
      path: join(packages, 'backend', 'src', 'platform', 'platform.node.ts'),
    }));
    onLoad({ filter: /[\\/]packages[\\/]\w+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      return { contents: code.replaceAll('import.meta.url', `'${pathToFileURL(path)}'`), loader: 'ts' };
    });
  },
};
