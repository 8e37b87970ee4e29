import { cell, machine, printTable } from '../measuring/table.js';
import { runScript } from '../measuring/turns.js';
import type { GpuMeasurement } from './measure-gpu.js';
import { type PeerMeasurement, peerOf, readPeer } from './pytorch.js';
import { type GpuTask, gpuTasks, titleOf } from './tasks.js';

interface Settings {
  backends: string[];
  quick: boolean;
  batchSize?: number;
  /** A file that scripts/pytorch/measure_gpu.py made. */
  peer?: string;
}

/** Prints the images a second of every task on these backends, beside those of PyTorch. */
export function benchmarkGpu({ backends, quick, batchSize, peer }: Settings): void {
  const tasks = gpuTasks({ quick, ...(batchSize ? { batchSize } : {}) });
  const peers = peer ? readPeer(peer) : [];
  const results = tasks.map((task) => ({
    task,
    measured: backends.map((backend) => measure(backend, task, quick)),
  }));
  console.log(machine());
  for (const [index, backend] of backends.entries()) {
    const found = results.map(({ measured }) => measured[index]).find((measurement) => measurement);
    const software = found?.isSoftware ? ', in software' : '';
    console.log(
      `${backend}: ${found ? found.device + software : 'failed, the reason is among the messages'}.`,
    );
  }
  for (const device of new Set(peers.map((measurement) => measurement.device))) console.log(device);
  console.log('');
  const names = [...new Set(peers.map(({ name }) => name))];
  printTable(
    [
      'images/s',
      ...backends.flatMap((backend) => [backend, 'ms']),
      ...names,
      ...names.map((name) => `${backends[0]} of ${name}`),
    ],
    results.map(({ task, measured }) => rowOf(task, measured, peers, names)),
  );
}

function rowOf(
  task: GpuTask,
  measured: (GpuMeasurement | undefined)[],
  peers: PeerMeasurement[],
  names: string[],
): string[] {
  const others = names.map((name) => peerOf(peers, name, task)?.milliseconds);
  const first = measured[0]?.milliseconds;
  return [
    titleOf(task),
    ...measured.flatMap((found) => [
      cell(speedOf(task, found?.milliseconds), 1),
      cell(found?.milliseconds, 2),
    ]),
    ...others.map((milliseconds) => cell(speedOf(task, milliseconds), 1)),
    ...others.map((milliseconds) => cell(milliseconds && first && (100 * milliseconds) / first, 1, ' %')),
  ];
}

function speedOf({ batchSize }: GpuTask, milliseconds: number | undefined): number | undefined {
  return milliseconds && (1000 * batchSize) / milliseconds;
}

/** Undefined where it failed; the exit code says so too. */
function measure(backend: string, task: GpuTask, quick: boolean): GpuMeasurement | undefined {
  const { network, size, batchSize, mode } = task;
  process.stderr.write(`${titleOf(task)}: ${backend}\n`);
  try {
    const turns = quick ? [1, 0] : [5, 1];
    return runScript('measure-gpu', [backend, network, size, batchSize, mode, ...turns]) as GpuMeasurement;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    process.stderr.write(`${backend} failed: ${stderr?.match(/^\w*Error: .*/m)?.[0] ?? message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}
