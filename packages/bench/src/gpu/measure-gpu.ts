// Times one network on one backend in a separate process:
// node measure-gpu.js BACKEND NETWORK SIZE BATCH_SIZE train|infer TURNS SECONDS → one line of JSON

import { setImmediate } from 'node:timers/promises';
import { type BackendName, useBackend } from '@resnet/backend';
import { answer } from '../measuring/answer.js';
import { median } from '../measuring/median.js';
import { launchOf } from '../networks/launch.js';
import type { Mode } from '../networks/workload.js';

/** What this script prints. */
export interface GpuMeasurement {
  device: string;
  /** Whether the GPU is one in software. */
  isSoftware: boolean;
  /** Of one run: the median of the turns. */
  milliseconds: number;
  /** The loss, or the first logit, of the last run. */
  output: number;
}

const [name, network, size, batchSize, mode, turns, seconds] = process.argv.slice(2) as [
  BackendName,
  string,
  string,
  string,
  Mode,
  string,
  string,
];
const { device, features } = await useBackend(name);
const launch = await launchOf({ network, size: Number(size), batchSize: Number(batchSize), mode });

// The first compiles, the second finds the buffers that it needs.
await timeOf(1);
const { milliseconds: one } = await timeOf(1);
const runs = Math.max(1, Math.min(200, Math.round((1000 * Number(seconds)) / one)));
const measured = [];
for (let turn = 0; turn < Number(turns); turn++) measured.push(await timeOf(runs));
const measurement: GpuMeasurement = {
  device,
  isSoftware: features.includes('software'),
  milliseconds: median(measured.map(({ milliseconds }) => milliseconds))!,
  output: measured.at(-1)!.output,
};
answer(measurement);

/** Milliseconds a run, of so many one after another; only the result of the last one is read. */
async function timeOf(runs: number): Promise<{ milliseconds: number; output: number }> {
  const started = performance.now();
  let last = await launch();
  for (let run = 1; run < runs; run++) {
    last.dispose();
    // Memory that is no longer needed is freed between tasks.
    await setImmediate();
    last = await launch();
  }
  const [output] = await last.data<'float32'>();
  const milliseconds = (performance.now() - started) / runs;
  last.dispose();
  return { milliseconds, output: output! };
}
