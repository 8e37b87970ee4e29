import { onnxHeapBytes, startSession } from '../onnx/session.js';
import { isImageNetName } from './imagenet.js';
import { imageValues } from './images.js';
import { modelFileOf } from './model-file.js';
import type { Task, Workload } from './workload.js';

/** Inference with onnxruntime-web, on its WebAssembly backend. */
export function start(task: Task, threads: number): Promise<Workload> {
  return startWith('onnx', task, threads);
}

/** The same with a file of this kind. */
export async function startWith(
  format: 'onnx' | 'onnx-int8',
  task: Task,
  threads: number,
): Promise<Workload> {
  if (task.mode === 'train') throw new Error('onnxruntime-web can not train.');
  const images = imageValues(task.batchSize, isImageNetName(task.network) ? 224 : 32);
  const { run } = await startSession(await modelFileOf(format, task), images, threads);
  return { run, heapBytes: onnxHeapBytes };
}
