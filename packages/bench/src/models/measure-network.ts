// Times one network in a separate process:
// node --expose-gc measure-network.js LIBRARY THREADS NETWORK BATCH_SIZE train|infer SECONDS → one line of JSON

import { setTimeout } from 'node:timers/promises';
import { answer } from '../measuring/answer.js';
import { medianTime } from '../measuring/median.js';
import type { Library } from '../measuring/peer.js';
import type { Mode, Task, Workload } from '../networks/workload.js';

/** What this script prints; for PyTorch only the time is known. */
export interface NetworkMeasurement {
  milliseconds: number;
  /** Of tensors, where the library counts them. */
  peakMegabytes?: number;
  heapMegabytes?: number;
  /** Of the process, after the last run. */
  residentMegabytes?: number;
  /** The logits, or the loss. */
  output?: number[];
}

type Start = (task: Task, threads: number) => Promise<Workload>;

const [library, threads, network, batchSize, mode, seconds] = process.argv.slice(2) as [
  Exclude<Library, 'pytorch'>,
  string,
  string,
  string,
  Mode,
  string,
];
// Loaded on demand, so that the process loads no other library.
const libraries: Record<Exclude<Library, 'pytorch'>, () => Promise<{ start: Start }>> = {
  ours: () => import('../networks/ours.js'),
  'ours-int8': () => import('../networks/ours-int8.js'),
  'plain-tfjs': () => import('../networks/plain-tfjs.js'),
  onnxruntime: () => import('../networks/onnxruntime.js'),
  'onnxruntime-int8': () => import('../networks/onnxruntime-int8.js'),
  litert: () => import('../networks/litert.js'),
  'litert-int8': () => import('../networks/litert-int8.js'),
};
const { start } = await libraries[library]();
const workload = await start({ network, batchSize: Number(batchSize), mode }, Number(threads));

const output = Array.from(await workload.run());
const peakBytes = await workload.peakBytes?.();
const milliseconds = await medianTime(workload.run, Number(seconds));
// Memory that is collected goes back to the system a little later.
globalThis.gc?.();
await setTimeout(200);
const measurement: NetworkMeasurement = {
  milliseconds,
  ...(peakBytes === undefined ? {} : { peakMegabytes: peakBytes / 1e6 }),
  heapMegabytes: workload.heapBytes() / 1e6,
  residentMegabytes: process.memoryUsage.rss() / 1e6,
  output,
};
answer(measurement);
