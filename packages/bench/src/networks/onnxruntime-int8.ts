import { startWith } from './onnxruntime.js';
import type { Task, Workload } from './workload.js';

/** Inference with onnxruntime-web in 8 bits. */
export function start(task: Task, threads: number): Promise<Workload> {
  return startWith('onnx-int8', task, threads);
}
