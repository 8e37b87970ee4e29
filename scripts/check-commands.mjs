// Runs every command that README.md, `npm start` and `--help` print, as printed, in a fresh clone of what is committed, with
// small files of the names that they use (command-inputs.mjs). Trainings are stopped by Ctrl-C once they have begun. Needs
// Node, npm, git and a shell. With --quick `npm start` is stopped too, and what it would print at its end is not run.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { codeBlocks } from './markdown-examples.mjs';

const root = resolve(import.meta.dirname, '..');
const isQuick = process.argv.includes('--quick');
const folder = mkdtempSync(join(tmpdir(), 'resnet-commands-'));
const clone = join(folder, 'clone');
const environment = cleanEnvironment();

/** Lines that other programs print, and this project never does: npm, Node, turbo, stacks, and libraries in C++. */
const FOREIGN = /^npm (warn|error)|^Attention:|^\(node:|Warning: |^\s+at .*[(:]/m;
const DOWNLOAD = ' --download';
const SERVES = /http:\/\/(localhost|127\.0\.0\.1):\d+\S*/;
/** Seconds, for a command that neither ends nor begins. */
const PATIENCE = 900;
const ELSEWHERE = new Map([
  ['npm test', 'CI runs it in another stage'],
  ['npm install', 'not in a clone: check-readmes does it with the packed packages'],
  [
    'npx @resnet/cli setup-gpu',
    'it downloads gigabytes: its tests run it with programs that download nothing',
  ],
]);

/** Inputs that are not made here: ImageNet, and what other commands make from it. Commands must ask for them by name. */
const NOT_MADE = [
  'imagenet',
  'ILSVRC2012',
  'part0.json',
  'parts/',
  'resnet101.pth',
  'fasterrcnn_resnet50_fpn.pth',
  'resnet20-int8.safetensors',
];

const seen = new Set();
const failed = [];
try {
  await run('git', ['clone', '--quiet', root, clone], { cwd: root });
  const started = await checkStart();
  const inputs = await run('node', ['scripts/command-inputs.mjs']);
  if (inputs.code !== 0) throw new Error(`command-inputs.mjs ended with ${inputs.code}:\n${inputs.stderr}`);
  const readme = readFileSync(join(clone, 'README.md'), 'utf8');
  await checkAll('README.md', [...codeBlocks(readme, 'sh').flatMap(commandLines), ...quotedCommands(readme)]);
  await checkAll('npm start', quotedCommands(started));
  for (const words of await helpPages()) await checkAll(words, helpCommands((await run(words)).stdout));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${seen.size - failed.length} of ${seen.size} commands work`);
if (failed.length > 0) console.log(`These don't:\n  ${failed.join('\n  ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * As in a newcomer's terminal: this runs under npm, which sets variables and puts what is installed here on the
 * path; and programs print notices when they find no settings.
 */
function cleanEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_PATH$)/i.test(name));
  const paths = process.env.PATH.split(delimiter).filter(
    (path) => !path.startsWith(root) && !/node-gyp-bin$/.test(path),
  );
  return {
    ...Object.fromEntries(entries),
    PATH: paths.join(delimiter),
    XDG_CONFIG_HOME: join(folder, 'settings'),
    // What was built here from the same sources is not built again: turbo compares their hashes.
    TURBO_CACHE_DIR: join(root, '.turbo', 'cache'),
  };
}

/** Returns what `npm start` printed. */
async function checkStart() {
  const { stdout } = await check('README.md', 'npm start', isQuick ? 'metrics' : undefined);
  if (!isQuick) return stdout;
  console.log('  NOT RUN: what it prints at its end (--quick)');
  return stdout;
}

async function checkAll(source, commands) {
  for (const command of commands) {
    const [, reason] = [...ELSEWHERE].find(([start]) => command.startsWith(start)) ?? [];
    if (seen.has(command) || command === 'npm start') continue;
    if (reason) console.log(`  ${source}: ${command}\n    not run here: ${reason}`);
    else if (command.includes(DOWNLOAD)) {
      console.log(
        `  ${source}: ${command}\n    fetches 170 MB; run here without${DOWNLOAD}, on what is there`,
      );
      await checkAll(source, [command.replace(DOWNLOAD, '')]);
    } else await check(source, command, stopAt(command));
  }
}

/** What shows that a command that takes long, or never ends, has begun: a new folder, metrics in it, or a page's address. */
function stopAt(command) {
  if (isServer(command)) return 'page';
  return / (train|experiment) /.test(command) ? 'folder' : undefined;
}

function isServer(command) {
  return command === 'npm run browser' || command.endsWith(' --watch');
}

/** Runs a command and tells how it went. Returns what it printed. */
async function check(source, command, stop) {
  seen.add(command);
  const start = performance.now();
  const before = readdirSync(clone);
  const isTraining = stop === 'folder';
  if (isTraining) renameSync(join(clone, 'runs'), join(folder, 'runs'));
  const result = await run(command, undefined, { stop });
  const problem = problemOf(command, result);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${problem ? '✗' : '✓'} ${source}: ${command} (${seconds} s${result.note})`);
  if (problem) {
    failed.push(command);
    console.log(`    ${problem}\n${`${result.stdout}${result.stderr}`.split('\n').slice(-15).join('\n')}`);
  }
  if (command === 'npm start') return result;
  for (const name of readdirSync(clone)) {
    if (!before.includes(name)) rmSync(join(clone, name), { recursive: true });
  }
  if (isTraining) {
    rmSync(join(clone, 'runs'), { recursive: true, force: true });
    renameSync(join(folder, 'runs'), join(clone, 'runs'));
  }
  return result;
}

/** Returns what is wrong, in words. */
function problemOf(command, result) {
  const { code, stdout, stderr, stopped } = result;
  const foreign = FOREIGN.exec(stderr);
  if (foreign) return `On stderr there is what this project did not write: ${foreign[0].trim()}`;
  result.note = '';
  if (stopped) {
    result.note = ', stopped';
    if (isServer(command)) return result.problem;
    if (code === 130 && stderr.includes('error ABORTED: ')) return undefined;
    return `Ctrl-C was to end it with 130, it ended with ${code}`;
  }
  if (code === 0) return stdout === '' && !command.includes(' > ') ? 'It printed nothing' : undefined;
  const missing = NOT_MADE.find((name) => command.includes(name) && stderr.includes(name));
  if (code === 1 && missing !== undefined && /^error \w+_(MISSING|UNREADABLE): /.test(stderr)) {
    result.note = `, asks for ${missing}`;
    return undefined;
  }
  return `It ended with ${code}`;
}

/**
 * Runs a command line, or a program with arguments, in the clone. With `stop` it gets Ctrl-C once it has begun, as all of a
 * terminal's programs do.
 *
 * @param {string} command
 * @param {readonly string[]} [args]
 * @param {{ cwd?: string, stop?: 'folder' | 'metrics' | 'page' }} [options]
 */
async function run(command, args, { cwd = clone, stop } = {}) {
  const child = spawn(command, args ?? [], {
    cwd,
    env: environment,
    shell: args === undefined,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result = { code: undefined, stdout: '', stderr: '', stopped: false, note: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      // Where CI is set, programs color what they print.
      result[name] += stripVTControlCharacters(chunk);
    });
  }
  const ended = new Promise((fulfill, reject) => {
    child.on('error', reject);
    // As a shell tells it of a program that a signal has ended.
    child.on('close', (code, signal) => fulfill(code ?? 128 + constants.signals[signal]));
  });
  const alarm = new AbortController();
  setTimeout(1000 * PATIENCE, undefined, alarm).then(
    () => process.kill(-child.pid, 'SIGKILL'),
    () => {},
  );
  if (stop) {
    const before = readdirSync(clone);
    while (isRunning(child) && !(await hasBegun(stop, result.stdout + result.stderr, before))) {
      await Promise.race([ended, setTimeout(200)]);
    }
    if (isRunning(child)) {
      result.stopped = true;
      if (stop === 'page') result.problem = await problemOfPage(result.stdout + result.stderr);
      process.kill(-child.pid, 'SIGINT');
    }
  }
  result.code = await ended;
  alarm.abort();
  return result;
}

function isRunning({ exitCode, signalCode }) {
  return exitCode === null && signalCode === null;
}

async function hasBegun(stop, printed, before) {
  if (stop === 'folder') {
    const entries = readdirSync(clone, { withFileTypes: true });
    return entries.some((entry) => entry.isDirectory() && !before.includes(entry.name));
  }
  if (stop === 'metrics') {
    const metrics = join(clone, 'runs', 'digits', 'metrics.jsonl');
    return existsSync(metrics) && statSync(metrics).size > 0;
  }
  return SERVES.test(printed);
}

/** Returns what is wrong with the page that a server offers, in words. */
async function problemOfPage(printed) {
  const [address] = SERVES.exec(printed);
  const page = await fetch(address).then((response) => response.text(), String);
  return /^\s*<!doctype html/i.test(page)
    ? undefined
    : `${address} serves no page, but ${page.slice(0, 200)}`;
}

/** The lines of a shell's example, without comments. */
function commandLines(code) {
  return code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*/, '').trim())
    .filter((line) => line !== '');
}

/** Commands between backticks. */
function quotedCommands(text) {
  return [...text.matchAll(/`((?:npm|npx) [^`\n]+)`/g)].map(([, command]) => command);
}

function helpCommands(text) {
  return [...text.replaceAll(/\\\n\s*/g, '').matchAll(/^ {2}\$ (.+)$/gm)].map(([, command]) => command);
}

/** The commands that print help, of the program, its commands and theirs. */
async function helpPages(words = 'npx @resnet/cli') {
  const { stdout } = await run(`${words} --help`);
  const [, list = ''] = /^Commands:\n((?: .*\n)+)/m.exec(stdout) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'help');
  const pages = [`${words} --help`];
  for (const name of names) pages.push(...(await helpPages(`${words} ${name}`)));
  return pages;
}
