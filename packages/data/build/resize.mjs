// Builds the WebAssembly of resizing, and writes it as a module of JavaScript, so that no file has to be found.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

/** Chromium compiles no more than this at once on a page's main thread in its older versions. */
const MOST_BYTES = 4096;

const root = join(import.meta.dirname, '..');
const generated = join(root, 'src/generated');
const file = join(generated, 'resize.wasm');
mkdirSync(generated, { recursive: true });
const { error, stderr } = await asc.main([
  ...[join(root, 'assembly/resize.ts'), '--outFile', file, '--runtime', 'stub', '--noAssert'],
  ...['-O3', '--shrinkLevel', '1', '--converge', '--enable', 'simd'],
]);
if (error) throw new Error(`${error.message}\n${stderr}`);
const bytes = readFileSync(file);
rmSync(file);
if (bytes.length >= MOST_BYTES) {
  throw new Error(`resize.wasm must have less than ${MOST_BYTES} bytes, found ${bytes.length}.`);
}
writeFileSync(
  join(generated, 'resize.ts'),
  `// Made by build/resize.mjs of assembly/resize.ts.\nexport default '${bytes.toString('base64')}';\n`,
);
console.log(`resize.wasm ${bytes.length} bytes`);
