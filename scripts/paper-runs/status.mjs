// What of the queue is done, running and left, and when it will end.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipes } from '@resnet/train';
import { create, summarize } from '@resnet/zoo';
import { newestCheckpoint, readResult } from './run.mjs';

/** Seconds a step and multiply-adds of an image that estimates begin with, before any run has told: ResNet-20's. */
const usual = { secondsPerStep: 0.5, multiplyAdds: 40_551_808 };

/**
 * @param {string} root where the folders of the runs are
 * @param {readonly import('./queue.mjs').PaperRun[]} queue
 * @returns for each run its state ('done', 'begun' or 'left'), steps and, as far as they are known, errors in percent
 */
export function statusOf(root, queue) {
  let speed = usual;
  const runs = queue.map((run) => {
    const iterations = iterationsOf(run);
    const result = readResult(root, run);
    const multiplyAdds = multiplyAddsOf(run.network);
    const log = recordsOf(join(root, run.name));
    const steps = log.filter(({ kind }) => kind === 'train').slice(-20);
    if (steps.length > 0) {
      const seconds = steps.reduce((sum, record) => sum + 128 / record.imagesPerSecond, 0);
      speed = { secondsPerStep: seconds / steps.length, multiplyAdds };
    }
    const done = result ? result.iterations : Number(newestCheckpoint(join(root, run.name)) ?? 0);
    const state = result ? 'done' : done > 0 ? 'begun' : 'left';
    return { ...run, state, done, iterations, multiplyAdds, result, lastTest: log.findLast(isTest) };
  });
  return runs.map((run) => {
    const secondsPerStep = (speed.secondsPerStep * run.multiplyAdds) / speed.multiplyAdds;
    const secondsLeft = run.state === 'done' ? 0 : (run.iterations - run.done) * secondsPerStep;
    return { ...run, secondsLeft };
  });
}

/** Lines for people. */
export function formatStatus(runs, now = new Date()) {
  let ends = now.getTime();
  const lines = runs.map((run) => {
    ends += 1000 * run.secondsLeft;
    const steps = `${run.done.toLocaleString('en-US')} of ${run.iterations.toLocaleString('en-US')}`;
    return [run.name.padEnd(22), run.state.padEnd(6), steps.padStart(17), `  ${outcome(run, ends)}`].join(
      ' ',
    );
  });
  const left = runs.reduce((sum, { secondsLeft }) => sum + secondsLeft, 0);
  const done = runs.filter(({ state }) => state === 'done').length;
  const hours = (left / 3600).toFixed(1);
  return [
    ...lines,
    '',
    `${done} of ${runs.length} done; ${hours} hours left, if nothing else runs beside`,
  ].join('\n');
}

function outcome({ state, result, lastTest }, ends) {
  const percent = (share) => `${(100 * share).toFixed(2)} %`;
  if (state === 'done') {
    return `training error ${percent(result.trainingError)}, test error ${percent(result.testError)}`;
  }
  const end = `would end ${new Date(ends).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return lastTest ? `${end}; test error ${percent(lastTest.error)} at ${lastTest.iteration}` : end;
}

function iterationsOf({ recipe, options = [] }) {
  const at = options.indexOf('--iterations');
  return at < 0 ? recipes[recipe].iterations : Number(options[at + 1]);
}

function multiplyAddsOf(name) {
  const network = create(name, { initialize: false });
  try {
    return summarize(network).multiplyAdds;
  } finally {
    network.dispose();
  }
}

function recordsOf(folder) {
  const path = join(folder, 'metrics.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        // The last line may be half written.
        return [];
      }
    });
}

const isTest = ({ kind }) => kind === 'test';
