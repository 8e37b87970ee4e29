// Gives mutated files to every parser of untrusted files: each must end within two seconds and half a gigabyte, with a value
// or an error with a code.
//
// npm run fuzz -- --count 100000 --seed 1
// npm run fuzz -- --only 4711 --seed 1     one file again, by its number
import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { linesCovered } from './coverage.mjs';

const MOST_MILLISECONDS = 2000;
const MOST_BYTES = 512 * 2 ** 20;
/** Files that one process parses, so that a failure loses few counts. */
const FILES_A_PROCESS = 2500;
/** Milliseconds until a silent process counts as hanging; a busy machine may be slow. */
const PATIENCE = 30_000;

/** What is measured: whatever reads the bytes of a file. */
const PARSERS = [
  /^packages\/files\/src\/(pickle\/pickle|read\/regular-file|read\/read-up-to)\.ts$/,
  /^packages\/zoo\/src\/(weights\/|model\/|int8\/file)/,
  /^packages\/data\/src\/images\/(headers\/|uncompressed\/|decode-image\.node\.ts$)/,
  /^packages\/data\/src\/detection\/(voc|coco)\/(?!classes)/,
  /^packages\/data\/src\/formats\//,
  /^packages\/data\/src\/cifar\/(read-cifar|format|pickle)\.ts$/,
  /^packages\/data\/src\/imagenet\/(development-kit|validation-labels)\.ts$/,
  /^packages\/data\/src\/shards\/(read-samples|sample-files|shard-index|find-shards|stream-shards)\.ts$/,
  /^packages\/eval\/src\/evaluation\/evaluation-file\.ts$/,
  /^packages\/train\/src\/(logging\/metrics-file|checkpoint\/checkpoint-store|recipe\/recipe)\.ts$/,
  /^packages\/experiments\/src\/experiment\/experiment-folder\.ts$/,
  /^packages\/cli\/src\/(shared\/recipes\/chosen-recipe|eval\/(read-class-names|read-evaluation-file|real-labels)|plot\/read-run)\.ts$/,
];

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const first = values.only === undefined ? 0 : Number(values.only);
const last = values.only === undefined ? Number(values.count) : first + 1;
if (![seed, first, last].every(Number.isSafeInteger) || last <= first) {
  console.error('--count, --seed and --only must be integers.');
  process.exit(2);
}

const root = join(import.meta.dirname, '../..');
process.chdir(root);
const bundle = await bundled();
const names = [];
const found = new Map();
const failures = [];
const coverage = [];
const began = performance.now();
for (let from = first; from < last; ) from = await parseFrom(from);
report();
process.exitCode = failures.length > 0 ? 1 : 0;

/** One file of this program and the sources of all packages, as Node runs no TypeScript. */
async function bundled() {
  const folder = join(root, 'node_modules/.cache/resnet');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'fuzz-child.mjs');
  const packages = join(root, 'packages');
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'error',
    plugins: [{ name: 'sources', setup: (it) => resolveSources(it, packages) }],
  });
  return outfile;
}

/** As tests resolve them: packages of this project to their sources, all others at run time. */
function resolveSources(it, packages) {
  const own = {
    '#kernels-platform': 'kernels/src/platform/platform.node.ts',
    '#hub-host': 'zoo/src/hub/host.node.ts',
    '#decode-image': 'data/src/images/decode-image.node.ts',
    '#start-worker': 'data/src/loading/workers/start.node.ts',
    '#backend-platform': 'backend/src/platform/platform.node.ts',
  };
  it.onResolve({ filter: /^#/ }, ({ path }) => (own[path] ? { path: join(packages, own[path]) } : undefined));
  it.onResolve({ filter: /^@resnet\// }, ({ path }) => {
    const [, name, inner = 'index'] = path.split('/');
    return { path: join(packages, name, 'src', `${inner}.ts`) };
  });
  it.onResolve({ filter: /^[^./]/ }, ({ kind, path }) => {
    // Node finds no modules without an extension, and tfjs-core imports its inner modules so.
    const isOurs = kind === 'entry-point' || path.startsWith('@tensorflow/tfjs-core/dist/');
    return isOurs ? undefined : { external: true };
  });
}

/** Parses some files from a number on, in a separate process. @returns the number of the next file */
function parseFrom(from) {
  const to = Math.min(last, from + FILES_A_PROCESS);
  const child = fork(bundle, [seed, from, to].map(String), {
    execArgv: ['--expose-gc', `--max-old-space-size=${MOST_BYTES / 2 ** 20}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let heard = performance.now();
  let current;
  let problem;
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  const watch = setInterval(() => {
    if (performance.now() - heard < PATIENCE) return;
    problem = `no answer for ${PATIENCE / 1000} seconds`;
    child.kill('SIGKILL');
  }, 500);
  child.on('message', (/** @type {any} */ message) => {
    heard = performance.now();
    if (message.ready) names.splice(0, names.length, ...message.ready);
    if (message.lost) fail(current, `an error that nobody caught: ${message.lost}`);
    if (message.coverage) coverage.push(message.coverage);
    if (message.begun !== undefined) current = { index: message.begun, bytes: message.bytes };
    if (message.done === undefined) return;
    count(current, message);
    current = undefined;
  });
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      if (code === 0 && !problem) resolve(to);
      else if (current === undefined) {
        console.error(`The process could not start: ${said}`);
        process.exit(1);
      } else {
        fail(
          current,
          problem ?? `the process ended with ${signal ?? code}: ${said.split('\n').slice(0, 5).join(' ')}`,
        );
        resolve(current.index + 1);
      }
    });
  });
}

function nameOf(index) {
  return names[index % names.length];
}

function statisticsOf(index) {
  const name = nameOf(index);
  const known = found.get(name);
  if (known) return known;
  const made = { files: 0, values: 0, codes: new Map(), slowest: [0, 0], largest: [0, 0] };
  found.set(name, made);
  return made;
}

function count(file, { outcome, milliseconds, grown }) {
  const { index } = file;
  const statistics = statisticsOf(index);
  statistics.files++;
  if (milliseconds > statistics.slowest[0]) statistics.slowest = [milliseconds, index];
  if (grown > statistics.largest[0]) statistics.largest = [grown, index];
  if (outcome === 'value') statistics.values++;
  else if (outcome.startsWith('uncoded')) fail(file, outcome);
  else statistics.codes.set(outcome, (statistics.codes.get(outcome) ?? 0) + 1);
  if (milliseconds > MOST_MILLISECONDS) fail(file, `${Math.round(milliseconds)} ms`);
  if (grown > MOST_BYTES) fail(file, `${Math.round(grown / 2 ** 20)} MiB`);
}

function fail({ index, bytes } = { index: -1, bytes: 0 }, problem) {
  failures.push(index);
  console.error(`${nameOf(index)}, file ${index} of seed ${seed} (${bytes} bytes): ${problem}`);
}

function report() {
  const row = (cells) =>
    console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(34) : cell.padStart(10))).join(''));
  row(['', 'files', 'values', 'refused', 'ms', 'MiB', '  codes']);
  for (const [name, { files, values, codes, slowest, largest }] of found) {
    const refused = [...codes.values()].reduce((sum, times) => sum + times, 0);
    const listed = [...codes].sort((a, b) => b[1] - a[1]).map(([code, times]) => `${code} ${times}`);
    const numbers = [files, values, refused, Math.round(slowest[0]), Math.round(largest[0] / 2 ** 20)].map(
      String,
    );
    console.log(
      `${[name.padEnd(34), ...numbers.map((text) => text.padStart(10))].join('')}  ${listed.join(', ')}`,
    );
  }
  const most = (key) => [...found].map(([name, each]) => [name, ...each[key]]).sort((a, b) => b[1] - a[1])[0];
  const [slowName, milliseconds, slow] = most('slowest');
  const [largeName, bytes, large] = most('largest');
  console.log(`\nslowest: ${slowName}, file ${slow}: ${Math.round(milliseconds)} ms of the processor's time`);
  console.log(`largest: ${largeName}, file ${large}: ${Math.round(bytes / 2 ** 20)} MiB more than before`);
  if (values.only === undefined) reportCoverage();
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`\n${last - first} files of seed ${seed} in ${seconds} s, ${failures.length} failures`);
}

function reportCoverage() {
  const files = [...linesCovered(bundle, coverage)].filter(([path]) =>
    PARSERS.some((pattern) => pattern.test(path)),
  );
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  let [covered, all] = [0, 0];
  console.log('\nlines that ran, of the parsers');
  for (const [path, lines] of files) {
    covered += lines.covered.size;
    all += lines.all.size;
    const share = Math.round((100 * lines.covered.size) / lines.all.size);
    console.log(`${`${share} %`.padStart(6)}  ${path}`);
  }
  console.log(
    `${`${Math.round((100 * covered) / all)} %`.padStart(6)}  of ${all} lines in ${files.length} files`,
  );
}
