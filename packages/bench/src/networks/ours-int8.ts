import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { createNetwork } from './ours.js';
import { quantizedNetwork } from './quantized.js';
import { images } from './tfjs-images.js';
import { type Task, tfjsWorkload, type Workload } from './workload.js';

/** The networks of this project in 8 bits, on its WASM backend. */
export async function start({ network, batchSize, mode }: Task, threads: number): Promise<Workload> {
  if (mode === 'train') throw new Error('Quantized networks can not train.');
  await useBackend('wasm', { threads });
  const model = createNetwork(network);
  const x = images(batchSize, model.inputShape[0]);
  const quantized = await quantizedNetwork(model);
  model.dispose();
  return tfjsWorkload(() => tf.tidy(() => quantized.forward(x).dataSync<'float32'>()));
}
