import { loadInNode } from '../litert/load-in-node.js';
import { litertWorkload } from '../litert/workload.js';
import { isImageNetName } from './imagenet.js';
import { imageValues } from './images.js';
import { modelFileOf } from './model-file.js';
import type { Task, Workload } from './workload.js';

/** Inference with LiteRT.js, by XNNPACK in WebAssembly. */
export function start(task: Task, threads: number): Promise<Workload> {
  return startWith('tflite', task, threads);
}

/** The same with a file of this kind. */
export async function startWith(
  format: 'tflite' | 'tflite-int8',
  task: Task,
  threads: number,
): Promise<Workload> {
  if (task.mode === 'train') throw new Error('LiteRT.js can not train.');
  const images = imageValues(task.batchSize, isImageNetName(task.network) ? 224 : 32);
  const file = await modelFileOf(format, task);
  await loadInNode(threads);
  return litertWorkload(file, images, threads);
}
