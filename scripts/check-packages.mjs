// Checks every public package as its users will get it: publint, are-the-types-wrong, no Node built-in in a browser
// build, and no file that nobody needs.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

const packages = readdirSync('packages')
  .map((name) => join('packages', name))
  .filter((folder) => !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private);

const checks = {
  publint: (folder) => run('npx', 'publint', '--strict', folder),
  attw: (folder) => run('npx', 'attw', '--pack', folder, '--profile', 'esm-only', '--quiet'),
  'browser build': noNodeBuiltins,
  'packed files': onlyWhatIsNeeded,
};

let failed = 0;
for (const folder of packages) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      check(folder);
      console.log(`✓ ${folder}: ${name}`);
    } catch (error) {
      failed++;
      console.log(`✗ ${folder}: ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`);
    }
  }
}
console.log(`\n${packages.length * Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function run(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', shell: process.platform === 'win32' });
}

/** Follows the imports of what a bundler takes for a browser. Subpaths and command lines for Node are their own. */
function noNodeBuiltins(folder) {
  const { bin, imports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
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
  const [{ files }] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', `./${folder}`));
  const unneeded = files
    .map(({ path }) => path)
    .filter((path) => !/^(dist\/.*\.(js|cjs|d\.ts)|package\.json|README\.md|LICENSE)$/.test(path));
  if (unneeded.length > 0) throw new Error(`packs ${unneeded.join(', ')}`);
  if (!existsSync(join(folder, 'README.md'))) throw new Error('has no README.md');
}
