import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of LiteRT.js's WebAssembly files, and of the scripts that load them. */
export const litertFolder = join(dirname(require.resolve('@litertjs/core/package.json')), 'wasm');

/**
 * Runs one of these scripts, as a page's `<script>` would. They are CommonJS in Node, but lie in a package of ES modules, so that
 * `require` does not take them.
 *
 * @param thread the program of a thread, which has to run the same script
 * @returns what it exports
 */
export function runLitertScript(name: string, thread: string): unknown {
  const source = readFileSync(join(litertFolder, name), 'utf8');
  const module = { exports: {} };
  new Function('require', 'module', 'exports', '__filename', '__dirname', source)(
    ...[require, module, module.exports, thread, litertFolder],
  );
  return module.exports;
}
