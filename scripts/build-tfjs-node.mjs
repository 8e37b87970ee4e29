// Makes `@tensorflow/tfjs-node` work where its own install script cannot download TensorFlow's C library: takes the
// library and its headers from the `tensorflow-cpu` wheel on PyPI, and builds the addon against them from the source in
// the npm package. Uses nothing but Node and the commands in NEEDED.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import util, { parseArgs } from 'node:util';

const TFJS_NODE_VERSION = '4.22.0';
/** The C interface is stable: any 2.x has what the addon calls. This one asks for no more than glibc 2.17. */
const TENSORFLOW_VERSION = '2.18.1';
const WHEEL_PLATFORM = 'manylinux_2_17_x86_64';
/** Only names the wheel to download, whatever Python is here. */
const WHEEL_PYTHON = '3.11';
/** Headers of the wheel, with all that they include. */
const HEADERS = [
  'tensorflow/c/*',
  'tensorflow/core/platform/ctstring*',
  'tsl/platform/ctstring*',
  'xla/tsl/c/*',
];
/** What the addon is linked with, and the wheel's name for it. */
const LIBRARIES = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};
/** The newest that tfjs-node 4.22 looks for. */
const NAPI_VERSION = 8;
/** @type {[command: string[], advice: string][]} */
const NEEDED = [
  [['npm', '--version'], 'Install npm.'],
  [['python3', '-m', 'pip', '--version'], 'Install Python 3 with pip: apt-get install python3-pip'],
  [['unzip', '-v'], 'Install unzip: apt-get install unzip'],
  [['make', '--version'], 'Install a C++ compiler and make: apt-get install build-essential'],
  [['g++', '--version'], 'Install a C++ compiler and make: apt-get install build-essential'],
];

const script = fileURLToPath(import.meta.url);
const root = join(dirname(script), '..');
const rootPackage = (name) => join(root, 'node_modules', '@tensorflow', name);

const HELP = `Usage: node scripts/build-tfjs-node.mjs [--into FOLDER] [--check]

Builds @tensorflow/tfjs-node ${TFJS_NODE_VERSION} with TensorFlow ${TENSORFLOW_VERSION}, for Linux on x64, from npm and PyPI alone, and checks it.
Downloads about 300 MB.
What is already done is not done again. The root's package.json, lock file and node_modules stay as they are.

  --into FOLDER  where to put it, 0.9 GB (default: .tfjs-node in the repository's root)
  --check        only checks what is there
  --help         shows this

Example, then a program that uses it:
  node scripts/build-tfjs-node.mjs
  NODE_PATH="$PWD/.tfjs-node/node_modules" node -e "require('@tensorflow/tfjs-node').ones([2, 2]).print()"`;

/** An error that needs no stack. */
class BuildError extends Error {}

try {
  main();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

function main() {
  const { into, check, help } = readArguments();
  const folders = foldersOf(resolve(into));
  if (help) console.log(HELP);
  else if (check) checkHere(folders);
  else build(folders);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        into: { type: 'string', default: join(root, '.tfjs-node') },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new BuildError(`${error.message}\n\n${HELP}`);
  }
}

function foldersOf(directory) {
  const modules = join(directory, 'node_modules');
  const tfjsNode = join(modules, '@tensorflow', 'tfjs-node');
  return {
    directory,
    modules,
    tfjsNode,
    library: join(directory, `libtensorflow-${TENSORFLOW_VERSION}`),
    addon: join(tfjsNode, 'lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node'),
  };
}

function build(folders) {
  refuseOtherPlatforms();
  requireRootPackages();
  prepareDirectory(folders);
  if (![isInstalled, isFetched, isBuilt].every((done) => done(folders))) requireCommands();
  step(`@tensorflow/tfjs-node ${TFJS_NODE_VERSION} from npm`, isInstalled, install, folders);
  step(`TensorFlow ${TENSORFLOW_VERSION} from PyPI`, isFetched, fetchLibrary, folders);
  step('the addon from its source', isBuilt, buildAddon, folders);
  console.log('Checking it …');
  run(process.execPath, [script, '--check', '--into', folders.directory], {
    stdio: 'inherit',
    advice: `Remove ${folders.directory} and run this again.`,
  });
}

function step(name, isDone, work, folders) {
  if (isDone(folders)) {
    console.log(`Already there: ${name}`);
    return;
  }
  console.log(`Getting ${name} …`);
  const start = performance.now();
  work(folders);
  console.log(`  done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

function refuseOtherPlatforms() {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new BuildError(
    `This builds tfjs-node for Linux on x64 only, found ${process.platform} on ${process.arch}.\n` +
      'Elsewhere, run `npm install @tensorflow/tfjs-node` where its install script can download TensorFlow.',
  );
}

function requireRootPackages() {
  if (existsSync(rootPackage('tfjs-core'))) return;
  throw new BuildError(
    'The repository has no @tensorflow/tfjs-core yet, which tfjs-node is to share. Run `npm install` first.',
  );
}

function requireCommands() {
  for (const [[command, ...args], advice] of NEEDED) run(command, args, { advice });
}

/** The folder ignores itself, and is a separate package: npm would put things into the root's otherwise. */
function prepareDirectory({ directory }) {
  const manifest = join(directory, 'package.json');
  const ours = '{ "private": true, "description": "Made by scripts/build-tfjs-node.mjs" }\n';
  if (existsSync(manifest) && readFileSync(manifest, 'utf8') === ours) return;
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new BuildError(
      `Expected an empty folder, or one that this made, found others' files in ${directory}. Name another with --into.`,
    );
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, '.gitignore'), '*\n');
  writeFileSync(manifest, ours);
}

function isInstalled({ tfjsNode, modules }) {
  const manifest = join(tfjsNode, 'package.json');
  return (
    existsSync(manifest) &&
    JSON.parse(readFileSync(manifest, 'utf8')).version === TFJS_NODE_VERSION &&
    nestedPackages(modules).every((name) => isShared(modules, name))
  );
}

function install({ directory, modules }) {
  rmSync(modules, { recursive: true, force: true });
  const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', ...options, `@tensorflow/tfjs-node@${TFJS_NODE_VERSION}`], {
    cwd: directory,
    advice: 'Is the npm registry reachable?',
  });
  for (const name of nestedPackages(modules)) share(modules, name);
}

/** Packages of TensorFlow.js that tfjs-node brought. */
function nestedPackages(modules) {
  return readdirSync(join(modules, '@tensorflow')).filter((name) => name !== 'tfjs-node');
}

/**
 * A second copy of tfjs-core would have its own classes, though it finds the engine of the first; a second copy of a
 * backend would register every kernel once more. Node follows a link to the one that the repository loads.
 */
function share(modules, name) {
  if (!existsSync(rootPackage(name))) return;
  const folder = join(modules, '@tensorflow', name);
  rmSync(folder, { recursive: true });
  symlinkSync(relative(dirname(folder), rootPackage(name)), folder);
}

function isShared(modules, name) {
  const folder = join(modules, '@tensorflow', name);
  return lstatSync(folder).isSymbolicLink() === existsSync(rootPackage(name));
}

function isFetched({ library }) {
  return existsSync(library);
}

function fetchLibrary({ directory, library }) {
  const download = join(directory, 'download');
  rmSync(download, { recursive: true, force: true });
  const unpacked = unpack(downloadWheel(download), download);
  linkLibraries(join(unpacked, 'lib'));
  renameSync(unpacked, library);
  rmSync(download, { recursive: true });
}

/** Returns the wheel's path. */
function downloadWheel(folder) {
  const wheel = [
    '--no-deps',
    '--only-binary=:all:',
    `--python-version=${WHEEL_PYTHON}`,
    '--implementation=cp',
    `--platform=${WHEEL_PLATFORM}`,
    `--dest=${folder}`,
    `tensorflow-cpu==${TENSORFLOW_VERSION}`,
  ];
  run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...wheel], {
    advice: 'Is PyPI reachable, and is there room for 1 GB?',
  });
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.whl')),
  );
}

/** Returns a folder with lib/ and include/, as the addon's build wants them. */
function unpack(wheel, folder) {
  const libraries = Object.values(LIBRARIES).map((name) => `tensorflow/${name}`);
  const headers = HEADERS.map((pattern) => `tensorflow/include/${pattern}`);
  run('unzip', ['-q', '-o', wheel, ...libraries, ...headers, '-d', folder], {
    advice: 'Is there room for 1 GB?',
  });
  const unpacked = join(folder, 'tensorflow');
  mkdirSync(join(unpacked, 'lib'));
  for (const name of Object.values(LIBRARIES)) renameSync(join(unpacked, name), join(unpacked, 'lib', name));
  return unpacked;
}

function linkLibraries(folder) {
  for (const [name, target] of Object.entries(LIBRARIES)) symlinkSync(target, join(folder, name));
}

function isBuilt({ addon, library, tfjsNode }) {
  const deps = join(tfjsNode, 'deps');
  return existsSync(addon) && existsSync(deps) && realpathSync(deps) === realpathSync(library);
}

/** The addon looks for its library in deps/, next to lib/. */
function buildAddon({ tfjsNode, library, addon }) {
  const deps = join(tfjsNode, 'deps');
  rmSync(deps, { recursive: true, force: true });
  symlinkSync(relative(tfjsNode, library), deps);
  const variables = {
    directory: tfjsNode,
    module_name: 'tfjs_binding',
    module_path: dirname(addon),
    napi_build_version: NAPI_VERSION,
    ...localHeaders(),
  };
  const options = Object.entries(variables).map(([name, value]) => `--${name}=${value}`);
  run(
    'npm',
    ['exec', '--yes', '--loglevel=error', '--package=node-gyp@12', '--', 'node-gyp', 'rebuild', ...options],
    {
      cwd: root,
      advice:
        'If the headers of Node could not be downloaded, name the folder above include/node/node_api.h, for example ' +
        'npm_config_nodedir=/usr.',
    },
  );
}

/** Without them node-gyp downloads headers. Node's interface for addons is stable, so headers of another version work. */
function localHeaders() {
  const configured = run('npm', ['config', 'get', 'nodedir']).trim();
  const nodedir = [configured, dirname(dirname(process.execPath))].find(
    (folder) => folder && existsSync(join(folder, 'include', 'node', 'node_api.h')),
  );
  return nodedir && { nodedir };
}

/**
 * Returns what the command prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ advice?: string, cwd?: string, stdio?: 'pipe' | 'inherit' }} options
 */
function run(command, args, { advice = '', cwd, stdio = 'pipe' } = {}) {
  const { error, status, signal, stdout, stderr } = spawnSync(command, args, {
    cwd,
    stdio,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!error && status === 0) return stdout ?? '';
  const outcome = error ? error.message : `ended with ${signal ?? status}`;
  const printed = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-30).join('\n');
  throw new BuildError(`${printed}\n\n\`${command} ${args.join(' ')}\` ${outcome}. ${advice}`.trim());
}

/** In a separate process, as an addon can't be unloaded. */
function checkHere({ modules, addon }) {
  if (!existsSync(addon)) {
    throw new BuildError(
      `Expected the addon at ${addon}, found none. Run \`node scripts/build-tfjs-node.mjs\`.`,
    );
  }
  restoreUtil();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  const tf = createRequire(join(modules, 'index.js'))('@tensorflow/tfjs-node');
  const backend = tf.backend();
  console.log(
    `  Node ${process.versions.node}, TensorFlow ${backend.binding.TF_Version}, backend ${tf.getBackend()}, ` +
      `on ${backend.isUsingGpuDevice ? 'a GPU' : 'the CPU'}`,
  );
  const core = createRequire(join(root, 'index.js'))('@tensorflow/tfjs-core');
  expectEqual(
    "the repository's own tfjs-core",
    tf.Tensor === core.Tensor && core.backend() === backend,
    true,
  );
  const tensors = tf.memory().numTensors;
  tf.tidy(() => checkOperations(tf, backend));
  expectEqual('no tensor is left', tf.memory().numTensors, tensors);
}

/** tfjs-node 4.22 calls functions that Node 23 removed, through the module object, so that they can be put back. */
function restoreUtil() {
  Object.assign(util, {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

/** With padding 1 on every side, which is not what SAME pads at stride 2. The expected values are by hand. */
function checkOperations(tf, backend) {
  const values = (tensor) => Array.from(tensor.dataSync());
  const attributes = attributesOf(backend.binding);
  const execute = (name, stride, inputs, ksize) =>
    values(backend.executeSingleOutput(name, attributes(stride, ksize), inputs));

  const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
  expectEqual('matMul', values(product), [19, 22, 43, 50]);

  const image = tf.ones([1, 3, 3, 1]);
  const filter = tf.ones([3, 3, 1, 1]);
  const imageShape = tf.tensor1d(image.shape, 'int32');
  const filterShape = tf.tensor1d(filter.shape, 'int32');
  const overlaps = [4, 6, 4, 6, 9, 6, 4, 6, 4];
  const inputGradient = execute('Conv2DBackpropInput', 1, [imageShape, filter, image]);
  const filterGradient = execute('Conv2DBackpropFilter', 1, [image, filterShape, image]);
  expectEqual('Conv2D', execute('Conv2D', 1, [image, filter]), overlaps);
  expectEqual('Conv2D, stride 2', execute('Conv2D', 2, [tf.ones([1, 4, 4, 1]), filter]), [4, 6, 6, 9]);
  expectEqual('Conv2DBackpropInput', inputGradient, overlaps);
  expectEqual('Conv2DBackpropFilter', filterGradient, overlaps);

  const ascending = tf.reshape(tf.range(1, 17), [1, 4, 4, 1]);
  const largest = tf.tensor4d([6, 8, 14, 16], [1, 2, 2, 1]);
  const gradient = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const pooledGradient = execute('MaxPoolGrad', 2, [ascending, largest, gradient], 3);
  expectEqual('MaxPool', execute('MaxPool', 2, [ascending], 3), [6, 8, 14, 16]);
  expectEqual('MaxPoolGrad', pooledGradient, [0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4]);
}

/** Explicit paddings are 0, 0, top, bottom, left, right, 0, 0. Pooling has ksize and no dilations. */
function attributesOf(binding) {
  const integers = (name, value) => ({ name, type: binding.TF_ATTR_INT, value });
  const text = (name, value) => ({ name, type: binding.TF_ATTR_STRING, value });
  return (stride, ksize) => [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    integers('strides', [1, stride, stride, 1]),
    text('padding', 'EXPLICIT'),
    integers('explicit_paddings', [0, 0, 1, 1, 1, 1, 0, 0]),
    text('data_format', 'NHWC'),
    ksize === undefined ? integers('dilations', [1, 1, 1, 1]) : integers('ksize', [1, ksize, ksize, 1]),
  ];
}

function expectEqual(name, found, expected) {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new BuildError(`${name}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}.`);
  }
  console.log(`  ✓ ${name}`);
}
