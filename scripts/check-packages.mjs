// Checks every public package as its users will get it: publint, are-the-types-wrong, no Node built-in in a browser
// build, no file that nobody needs, and WebAssembly that stays small.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

const packages = readdirSync('packages')
  .map((name) => join('packages', name))
  .filter((folder) => !manifest(folder).private);

const checksOf = (folder) => ({
  publint: (folder) => void run(installed('publint'), '--strict', folder),
  attw: (folder) => void run(installed('attw'), '--pack', folder, '--profile', 'esm-only', '--quiet'),
  'browser build': noNodeBuiltins,
  'packed files': onlyWhatIsNeeded,
  ...(manifest(folder).files.includes('wasm') && { 'WebAssembly sizes': smallWebAssembly }),
});

/** Bytes. */
const WASM_FILE_LIMIT = 25_000;
/** Of all builds of the float32 kernels. */
const WASM_TOTAL_LIMIT = 95 * 1024;

let passed = 0;
let failed = 0;
for (const folder of packages) {
  for (const [name, check] of Object.entries(checksOf(folder))) {
    try {
      const note = check(folder);
      passed++;
      console.log(`✓ ${folder}: ${name}${note ? ` (${note})` : ''}`);
    } catch (error) {
      failed++;
      console.log(`✗ ${folder}: ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`);
    }
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Not by npx, which asks the registry for a package of a program's name where the program is missing. */
function installed(program) {
  return join('node_modules', '.bin', program);
}

function run(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', shell: process.platform === 'win32' });
}

/** Follows the imports of what a bundler takes for a browser. Subpaths and command lines are for Node only. */
function noNodeBuiltins(folder) {
  const { bin, imports = {} } = manifest(folder);
  if (bin) return;
  const seen = new Set();
  const pending = [join(folder, 'dist', 'index.js')];
  while (pending.length > 0) {
    const file = pending.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, specifier] of source.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
      if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
        throw new Error(`${file} imports '${specifier}'`);
      }
      if (specifier.startsWith('./')) pending.push(join(folder, 'dist', specifier));
      if (specifier.startsWith('#')) pending.push(join(folder, imports[specifier].default));
    }
  }
}

function onlyWhatIsNeeded(folder) {
  const needed =
    /^(bin\/.*\.js|dist\/.*\.(js|cjs|d\.ts)|wasm\/.*\.wasm|[^/]*\.safetensors|training\/.*|package\.json|README\.md|LICENSE)$/;
  const unneeded = packedFiles(folder).filter(({ path }) => !needed.test(path));
  if (unneeded.length > 0) throw new Error(`packs ${unneeded.map(({ path }) => path).join(', ')}`);
  if (!existsSync(join(folder, 'README.md'))) throw new Error('has no README.md');
}

/** Returns what the sizes are. */
function smallWebAssembly(folder) {
  const files = packedFiles(folder).filter(({ path }) => path.endsWith('.wasm'));
  if (files.length === 0) throw new Error('packs none');
  const total = files.reduce((sum, { path, size }) => sum + (path.includes('int8-') ? 0 : size), 0);
  const sizes = `${files.map(({ path, size }) => `${path} ${size}`).join(', ')}; float32 together ${total} bytes`;
  if (total >= WASM_TOTAL_LIMIT || files.some(({ size }) => size >= WASM_FILE_LIMIT)) {
    throw new Error(
      `${sizes}; the limits are ${WASM_FILE_LIMIT} each, ${WASM_TOTAL_LIMIT} together for float32`,
    );
  }
  return sizes;
}

function packedFiles(folder) {
  const [{ files }] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', `./${folder}`));
  return files;
}
