import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type RunOptions, runSuite } from './run.js';

/** Ways to start the backend that the tests run on. The first loads nothing of this project. */
const modes = {
  stock: () => tf.setBackend('wasm'),
  'ours-1': () => startOurs(1),
  'ours-2': () => startOurs(2),
};
export type Mode = keyof typeof modes;

/** Runs the tests, and prints the number of threads and then each test's result as lines of JSON. */
export async function printResults(mode: Mode, options: RunOptions = {}): Promise<void> {
  const print = (line: object) => console.log(JSON.stringify(line));
  const start = async () => {
    await modes[mode]();
    print({ threads: getThreadsCount() });
  };
  await runSuite(start, { ...options, onResult: print });
}

async function startOurs(threads: number): Promise<void> {
  const { useBackend } = await import('@resnet/backend');
  await useBackend('wasm', { threads });
}
