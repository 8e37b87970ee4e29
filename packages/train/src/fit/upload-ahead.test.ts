import { type Backend, useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { cifarResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type FitOptions, fit, type MetricsRecord, recipe } from '../index.js';
import { normalization, stripes } from '../test-support.js';

const images = 4 * 32 * 32;

/** What is uploaded and read during training: the images of each batch, and the loss of each step. */
function watch(): string[] {
  const log: string[] = [];
  const backend = tf.backend() as unknown as {
    uploadToGPU(dataId: object): void;
    read(dataId: object): Promise<Float32Array>;
    tensorMap: { get(dataId: object): { values: Float32Array | null; shape: number[] } };
  };
  const { uploadToGPU, read } = backend;
  backend.uploadToGPU = (dataId) => {
    if (backend.tensorMap.get(dataId).values?.length === images) log.push('images');
    uploadToGPU.call(backend, dataId);
  };
  backend.read = async (dataId) => {
    const isLoss = backend.tensorMap.get(dataId).shape.reduce((a, b) => a * b, 1) === 3;
    if (isLoss) log.push('loss asked for');
    const values = await read.call(backend, dataId);
    if (isLoss) log.push('loss read');
    return values;
  };
  return log;
}

async function training(changes: Partial<FitOptions> = {}): Promise<number[]> {
  const losses: number[] = [];
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 4 });
  const options: FitOptions = {
    train: stripes(8),
    normalization,
    recipe: recipe('cifar10-paper', { batchSize: 4, iterations: 3, learningRate: 0.01, seed: 4 }),
    recordEvery: 1,
    onRecord: (record: MetricsRecord) => {
      if (record.kind === 'train') losses.push(record.loss);
    },
    ...changes,
  };
  await fit(network, options).finally(() => network.dispose());
  return losses;
}

it('uploads the images of the next step while a GPU computes this one, and leaves no tensor', async ({
  skip,
}) => {
  const gpu: Backend = await useBackend('webgpu').catch((error) => {
    if (!ResnetError.is(error)) throw error;
    return skip(error.message);
  });
  const before = tf.memory().numTensors;
  const log = watch();
  const losses = await training();
  const ahead = ['loss asked for', 'images', 'loss read'];
  expect(log).toEqual(['images', ...ahead, ...ahead, 'loss asked for', 'loss read']);
  expect(tf.memory().numTensors).toBe(before);

  // A batch that was uploaded and that no step takes any more.
  const controller = new AbortController();
  const stopped = training({ onProgress: () => controller.abort(), signal: controller.signal });
  await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
  expect(log.slice(9)).toEqual(['images', ...ahead]);
  expect(tf.memory().numTensors).toBe(before);
  gpu.dispose();

  const processor = await useBackend('wasm', { threads: 1 });
  for (const [step, loss] of (await training()).entries()) expect(loss / losses[step]!).toBeCloseTo(1, 4);
  processor.dispose();
});
