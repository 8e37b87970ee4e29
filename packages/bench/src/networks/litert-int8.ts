import { startWith } from './litert.js';
import type { Task, Workload } from './workload.js';

/** Inference with LiteRT.js in 8 bits. */
export function start(task: Task, threads: number): Promise<Workload> {
  return startWith('tflite-int8', task, threads);
}
