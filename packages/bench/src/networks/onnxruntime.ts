import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnxHeapBytes, startSession } from '../onnx/session.js';
import { isImageNetName } from './imagenet.js';
import { imageValues } from './images.js';
import type { Task, Workload } from './workload.js';

/** Inference with onnxruntime-web, on its WebAssembly backend. */
export async function start({ network, batchSize, mode }: Task, threads: number): Promise<Workload> {
  if (mode === 'train') throw new Error('onnxruntime-web can not train.');
  const images = imageValues(batchSize, isImageNetName(network) ? 224 : 32);
  const { run } = await startSession(await onnxFileOf(network), images, threads);
  return { run, heapBytes: onnxHeapBytes };
}

/** Another process makes the file, so that this one holds no more than inference takes. */
async function onnxFileOf(network: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet-bench-'));
  try {
    const file = join(folder, 'network.onnx');
    const script = fileURLToPath(new URL('./export-onnx.js', import.meta.url));
    execFileSync(process.execPath, [script, network, file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
