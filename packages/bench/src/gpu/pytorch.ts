import { readFileSync } from 'node:fs';
import type { GpuTask } from './tasks.js';

/** A line of what scripts/pytorch/measure_gpu.py prints. */
export interface PeerMeasurement extends GpuTask {
  /** 'PyTorch, compiled, bfloat16' */
  name: string;
  device: string;
  milliseconds: number;
}

/** The lines of a file that scripts/pytorch/measure_gpu.py made. */
export function readPeer(file: string): PeerMeasurement[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as PeerMeasurement);
}

/** The time of a peer for a task, if it was measured. */
export function peerOf(
  measurements: PeerMeasurement[],
  name: string,
  { network, size, batchSize, mode }: GpuTask,
): PeerMeasurement | undefined {
  return measurements.find(
    (found) =>
      found.name === name &&
      found.network === network &&
      found.size === size &&
      found.batchSize === batchSize &&
      found.mode === mode,
  );
}
