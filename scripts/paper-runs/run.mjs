// One training of the queue in its folder: trained, gone on with, and put away once it has come to its end.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cli = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

/** What a finished run says of itself. */
export const resultPath = (root, { name }) => join(root, name, 'result.json');

/** @returns undefined if the run is not finished */
export function readResult(root, run) {
  const path = resultPath(root, run);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** The command that trains a run, or goes on with it. */
export function trainingArguments(run, root, data, more = []) {
  const { network, recipe, seed, options = [], name } = run;
  return [
    ...['train', network, '--dataset', 'cifar10', '--data', data, '--recipe', recipe, '--seed', String(seed)],
    ...options,
    ...['--checkpoint-every', '100', '--resume', '--out', root, '--name', name],
    ...more,
  ];
}

/**
 * Trains until the end, or until a signal.
 *
 * @param more options of `resnet train`, such as where to compute
 * @returns whether the run came to its end
 */
export async function train(run, root, data, more) {
  const child = spawn(process.execPath, [cli, ...trainingArguments(run, root, data, more)], {
    stdio: 'inherit',
  });
  // At a terminal Ctrl-C reaches both; the second signal would end the child before it has saved.
  const pass = () => process.stdin.isTTY || child.kill('SIGINT');
  process.on('SIGINT', pass).on('SIGTERM', pass);
  const code = await new Promise((resolve) => child.on('close', resolve));
  process.off('SIGINT', pass).off('SIGTERM', pass);
  return code === 0;
}

/** Leaves of a run that has come to its end what is worth keeping: log, curves, report, settings and small weights. */
export async function putAway(run, root, data) {
  const folder = join(root, run.name);
  const path = (file) => join(folder, file);
  const metrics = readFileSync(path('metrics.jsonl'), 'utf8');
  const records = metrics
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { summarizeRun } = await import('@resnet/train');
  const weights = [];
  if (!run.isTrial) {
    for (const name of ['model', 'best']) {
      const [full, half] = [path(`${name}.safetensors`), path(`${name}.f16.safetensors`)];
      await resnet('convert', full, half, '--float16');
      const args = ['--weights', half, '--dataset', 'cifar10', '--data', data, '--backend', 'wasm', '--json'];
      const { top1Errors, count } = JSON.parse(await resnet('eval', ...args)).result;
      weights.push({ file: `${name}.safetensors`, format: 'F16', testErrors: top1Errors, testCount: count });
    }
  }
  const { architecture, recipe, train, test, normalization } = lastState(folder);
  const settings = { architecture, recipe, train, test, normalization };
  const result = { ...run, ...summarizeRun(records), weights, settings, node: process.version };
  for (const { file } of weights) {
    renameSync(path(file.replace('.safetensors', '.f16.safetensors')), path(file));
  }
  if (run.isTrial) for (const name of ['model', 'best']) rmSync(path(`${name}.safetensors`), { force: true });
  writeFileSync(resultPath(root, run), `${JSON.stringify(result, null, 2)}\n`);
  rmSync(path('checkpoints'), { recursive: true });
  return result;
}

/** The settings that the newest checkpoint of a run has. */
function lastState(folder) {
  const newest = newestCheckpoint(folder);
  return JSON.parse(readFileSync(join(folder, 'checkpoints', newest, 'state.json'), 'utf8'));
}

export function newestCheckpoint(folder) {
  const checkpoints = join(folder, 'checkpoints');
  if (!existsSync(checkpoints)) return undefined;
  return readdirSync(checkpoints)
    .filter((name) => /^\d+$/.test(name))
    .sort()
    .at(-1);
}

async function resnet(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], { maxBuffer: 2 ** 26 });
  return stdout;
}
