// The program of a page that times one network.
import { loadLiteRt } from '@litertjs/core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { env } from 'onnxruntime-web';
import { litertWorkload } from '../litert/workload.js';
import { medianTime } from '../measuring/median.js';
import type { BrowserLibrary } from '../measuring/peer.js';
import { imageValues } from '../networks/images.js';
import { start as startOurs } from '../networks/ours.js';
import { start as startOursInt8 } from '../networks/ours-int8.js';
import { startSession } from '../onnx/session.js';

interface Runnable {
  run(): Float32Array | Promise<Float32Array>;
}

const starts: Record<BrowserLibrary, (network: string, threads: number) => Promise<Runnable>> = {
  ours: (network, threads) => startOurs({ network, batchSize: 1, mode: 'infer' }, threads),
  'ours-int8': (network, threads) => startOursInt8({ network, batchSize: 1, mode: 'infer' }, threads),
  onnxruntime: (network, threads) => onnxruntime('onnx', network, threads),
  'onnxruntime-int8': (network, threads) => onnxruntime('onnx-int8', network, threads),
  litert: (network, threads) => litert('tflite', network, threads),
  'litert-int8': (network, threads) => litert('tflite-int8', network, threads),
};

/** The median time of a network for one image of 224×224, and its logits. */
async function measure(
  library: BrowserLibrary,
  threads: number,
  network: string,
  seconds: number,
): Promise<{ milliseconds: number; output: number[] }> {
  setWasmPaths('/tfjs/');
  const { run } = await starts[library](network, threads);
  const output = Array.from(await run());
  return { milliseconds: await medianTime(run, seconds), output };
}

Object.assign(window, { measure });

async function onnxruntime(format: string, network: string, threads: number): Promise<Runnable> {
  env.wasm.wasmPaths = '/onnxruntime/';
  return startSession(await fileOf(format, network), imageValues(1, 224), threads);
}

async function litert(format: string, network: string, threads: number): Promise<Runnable> {
  await loadLiteRt('/litert/', { threads: threads > 1 });
  return litertWorkload(await fileOf(format, network), imageValues(1, 224), threads);
}

async function fileOf(format: string, network: string): Promise<Uint8Array> {
  const response = await fetch(`/models/${format}/${network}`);
  if (!response.ok) throw new Error(`There is no file of ${network} in the format ${format}.`);
  return new Uint8Array(await response.arrayBuffer());
}
