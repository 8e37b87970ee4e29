// Trains one run of the queue in its folder, resumes it, and archives it when it is finished.
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

/**
 * Trains what is left of a queue, one after the other, and archives each. Finished runs are not trained again.
 *
 * @param {string} root where the folders of the runs are
 * @param {readonly import('./queue.mjs').PaperRun[]} queue
 * @param {{ data?: string, more?: string[], signal?: AbortSignal }} options the data set's path; options of `resnet train`,
 *   such as where to compute; what stops the run that is training, after a checkpoint
 * @returns whether all is done
 */
export async function goThrough(root, queue, { data, more = [], signal }) {
  for (const run of queue) {
    if (readResult(root, run)) continue;
    console.log(`\n── ${run.name} ──`);
    if (!(await train(run, root, data, more, signal))) return false;
    const { trainingError, testError } = await putAway(run, root, data);
    const percent = (share) => `${(100 * share).toFixed(2)} %`;
    console.log(`${run.name}: training error ${percent(trainingError)}, test error ${percent(testError)}`);
  }
  return true;
}

const dataOptions = ({ dataset = 'cifar10' }, data) => [
  ...['--dataset', dataset],
  ...(data === undefined ? [] : ['--data', data]),
];

/** @returns whether the run came to its end */
async function train(run, root, data, more, signal) {
  if (signal?.aborted) return false;
  const { name, network, recipe, seed, options = [] } = run;
  const args = [
    ...['train', network, ...dataOptions(run, data), '--recipe', recipe, '--seed', String(seed), ...options],
    ...['--checkpoint-every', '100', '--resume', '--out', root, '--name', name, ...more],
  ];
  const child = spawn(process.execPath, [cli, ...args], { stdio: 'inherit' });
  const stop = () => child.kill('SIGINT');
  signal?.addEventListener('abort', stop);
  const code = await new Promise((resolve) => child.on('close', resolve));
  signal?.removeEventListener('abort', stop);
  return code === 0;
}

/** Keeps of a finished run its log, curves, report, settings and float16 weights, and removes the rest. */
async function putAway(run, root, data) {
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
      const args = ['--weights', half, ...dataOptions(run, data), '--backend', 'wasm', '--json'];
      const { top1Errors, top1Interval, count } = JSON.parse(await resnet('eval', ...args));
      weights.push({
        file: `${name}.safetensors`,
        ...{ format: 'F16', testErrors: top1Errors, testCount: count, interval: top1Interval },
      });
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
