// Runs the examples of every public package's README as its readers do: in an empty project, in plain Node, with what
// the README says to install and nothing else. Packages of this repository are installed as they are packed.
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { codeBlocks, importedPackages, installedPackages, promises } from './markdown-examples.mjs';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'resnet-readmes-'));
const packages = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((path) => !manifestIn(path).private);

/** Packages that are to run where no tensor is made. */
const WITHOUT_TENSORFLOW = ['@resnet/core', '@resnet/boxes', '@resnet/files', '@resnet/data'];

let failed = 0;
try {
  const tarballs = await pack();
  for (const path of packages) {
    const { name } = manifestIn(path);
    try {
      console.log(`✓ ${name}: ${await check(path, tarballs)}`);
    } catch (error) {
      failed++;
      console.log(`✗ ${name}: ${error.message}\n${error.stdout ?? ''}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`\n${packages.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Returns where the packed packages are, by name. */
async function pack() {
  const workspaces = packages.flatMap((path) => ['--workspace', manifestIn(path).name]);
  const packed = await run(root, 'npm', 'pack', '--json', '--pack-destination', folder, ...workspaces);
  return new Map(
    Object.values(JSON.parse(packed)).map(({ name, filename }) => [name, `file:${join(folder, filename)}`]),
  );
}

/** Returns what was found, in words. */
async function check(path, tarballs) {
  const readme = readFileSync(join(path, 'README.md'), 'utf8');
  const { name, bin } = manifestIn(path);
  const named = installedPackages(readme);
  if (!named.includes(name)) throw new Error(`README.md does not say \`npm install ${name}\``);
  const project = await install(name, named, tarballs);
  if (WITHOUT_TENSORFLOW.includes(name) && existsSync(join(project, 'node_modules/@tensorflow'))) {
    throw new Error('installing it brings TensorFlow.js');
  }

  const examples = codeBlocks(readme, 'js');
  for (const [index, code] of examples.entries()) {
    const title = `example ${index + 1} of README.md`;
    const unnamed = importedPackages(code).filter((imported) => !named.includes(imported));
    if (unnamed.length > 0) throw new Error(`${title} imports ${unnamed}, which no \`npm install\` names`);
    writeFileSync(join(project, `example-${index + 1}.mjs`), code);
    const printed = await run(project, process.execPath, `example-${index + 1}.mjs`);
    const missing = promises(code).filter((pattern) => !pattern.test(printed));
    if (missing.length > 0)
      throw new Error(`${title} does not print ${missing.join(', ')}, but:\n${printed}`);
  }
  const programs = Object.keys(bin ?? {});
  for (const program of programs) await run(project, 'npm', 'exec', '--no', '--', program, '--help');
  return [`${examples.length} of its examples`, ...programs].join(', ');
}

/** Makes a project, and returns its folder. */
async function install(name, named, tarballs) {
  const project = join(folder, name.replaceAll(/\W/g, '-'));
  mkdirSync(project);
  const ofRegistry = named.filter((wanted) => !tarballs.has(wanted));
  const ours = named.filter((wanted) => tarballs.has(wanted));
  const manifest = {
    private: true,
    dependencies: Object.fromEntries(ours.map((wanted) => [wanted, tarballs.get(wanted)])),
    // What packages of ours take of one another is not in the registry either.
    overrides: Object.fromEntries([...tarballs].filter(([other]) => !ours.includes(other))),
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run(project, 'npm', 'install', ...options, ...ofRegistry);
  return project;
}

/** Returns what the program prints. */
async function run(cwd, command, ...args) {
  const shell = process.platform === 'win32';
  const { stdout } = await promisify(execFile)(command, args, { cwd, shell, maxBuffer: 2 ** 28 });
  return stdout;
}

function manifestIn(path) {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}
