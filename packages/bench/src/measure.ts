// Times one workload in a process of its own, so that no configuration sees the kernels or the heap of another.
// node measure.js LIBRARY NETWORK BATCH_SIZE THREADS train|infer ROUNDS → one line of JSON
import * as tf from '@tensorflow/tfjs-core';
import { ours } from './ours.js';
import { plainTfjs } from './plain-tfjs.js';
import type { Measurement } from './workload.js';

const [library, network, batchSize, threads, mode, rounds] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const workload =
  library === 'ours'
    ? await ours(network, Number(batchSize), Number(threads))
    : await plainTfjs(network, Number(batchSize));
const run = () => (mode === 'train' ? workload.train() : workload.infer());

run();
const { peakBytes } = await tf.profile(() => void run());
const times = Array.from({ length: Number(rounds) }, () => {
  const started = performance.now();
  run();
  return performance.now() - started;
}).sort((a, b) => a - b);

const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
const measurement: Measurement = {
  milliseconds: times[times.length >> 1]!,
  peakMegabytes: peakBytes / 1e6,
  heapMegabytes: wasm.HEAPU8.byteLength / 1e6,
};
console.log(JSON.stringify(measurement));
process.exit(0);
