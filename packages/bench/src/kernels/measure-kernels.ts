// Times kernels of one library in a separate process:
// node measure-kernels.js LIBRARY THREADS [TEXT_IN_THE_NAME] → one line of JSON, milliseconds by name

import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { answer } from '../measuring/answer.js';
import '@tensorflow/tfjs-backend-wasm';
import { medianTime } from '../measuring/median.js';
import type { Library } from '../measuring/peer.js';
import { randomValues } from '../measuring/random-values.js';
import { onnxFile } from '../onnx/graph.js';
import { repeated } from '../onnx/repeated.js';
import type { OnnxOperation, Prepare } from './cases/case.js';
import { kernelCases } from './cases/index.js';
import { sizeOf } from './cases/tensors.js';
import { registerFilterGradient } from './filter-gradient.js';

/** What this script prints: milliseconds by the names of kernels, those that the library has. */
export type KernelTimes = Record<string, number>;

/** How long to run each kernel, first to warm up, then to measure. */
const [warmUpSeconds, seconds] = [0.1, 0.1];

const [library, threads, text] = process.argv.slice(2) as [Library, string, string | undefined];
if (library === 'ours') await useBackend('wasm', { threads: Number(threads) });
if (library === 'plain-tfjs') {
  registerFilterGradient();
  await tf.setBackend('wasm');
}

const times: KernelTimes = {};
for (const { name, ours, plainTfjs, onnx } of kernelCases(text)) {
  if (library === 'ours') times[name] = await timeTfjs(ours);
  if (library === 'plain-tfjs') times[name] = await timeTfjs(plainTfjs);
  if (library === 'onnxruntime' && onnx) times[name] = await timeOnnx(onnx());
}
answer(times);

async function timeTfjs(prepare: Prepare): Promise<number> {
  tf.engine().startScope();
  const run = prepare();
  const milliseconds = await time(() => tf.tidy(() => void run()));
  tf.engine().endScope();
  tf.disposeVariables();
  return milliseconds;
}

async function timeOnnx(operation: OnnxOperation): Promise<number> {
  // Loaded on demand, so that other processes do not load it.
  const { startSession } = await import('../onnx/session.js');
  const { inputShape } = operation;
  const x = { values: randomValues(sizeOf(inputShape)), shape: inputShape };
  const repetitions = 10;
  const session = await startSession(onnxFile(repeated(operation, repetitions)), x, Number(threads));
  const milliseconds = await time(session.run);
  await session.release();
  return milliseconds / repetitions;
}

async function time(run: () => unknown): Promise<number> {
  await medianTime(run, warmUpSeconds);
  return medianTime(run, seconds);
}
