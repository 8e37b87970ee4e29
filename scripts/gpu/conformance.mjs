// Bundles the conformance suite, from the sources, as one program that needs no vitest.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const suite = join(root, 'packages/backend/src/conformance');

/**
 * Writes the program `conformance.js`, which runs on the backends that RESNET_BACKENDS names.
 *
 * @param {string} folder
 * @param {import('esbuild').BuildOptions} options of all bundles of the pack
 */
export async function bundleConformance(folder, options) {
  const tests = readdirSync(suite).filter((name) => name.endsWith('.test.ts'));
  const lines = [
    ...tests.map((name) => `import './${name}';`),
    "import { runAll } from 'vitest';",
    'await runAll();',
  ];
  await build({
    ...options,
    stdin: { contents: lines.join('\n'), resolveDir: suite, sourcefile: 'conformance.ts', loader: 'ts' },
    outfile: join(folder, 'conformance.js'),
    // Tests are all side effects, which the package's manifest says that it has none of.
    ignoreAnnotations: true,
    alias: {
      vitest: join(root, 'scripts/gpu/small-vitest.mjs'),
      '#backend-platform': join(root, 'packages/backend/src/platform/platform.node.ts'),
      '#kernels-platform': join(root, 'packages/kernels/src/platform/platform.node.ts'),
    },
    plugins: [...options.plugins, { name: 'sources', setup: resolveSources }],
  });
}

/** Packages of this repository are taken from their sources, so that there is one copy of each. */
function resolveSources({ onResolve }) {
  onResolve({ filter: /^@resnet\// }, ({ path }) => {
    const [, name, part = 'index'] = path.split('/');
    return { path: join(root, 'packages', name, 'src', `${part}.ts`) };
  });
}
