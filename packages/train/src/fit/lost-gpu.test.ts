import { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { cifarResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Checkpoint, type FitOptions, fit, recipe } from '../index.js';
import { normalization, stripes } from '../test-support.js';

it('ends with BACKEND_LOST when the GPU is lost, and goes on from the last checkpoint on another backend', async ({
  skip,
}) => {
  const gpu = await useBackend('webgpu').catch((error) => {
    if (!ResnetError.is(error)) throw error;
    return skip(error.message);
  });
  const network = () => cifarResNet(8, { classes: 2, inChannels: 1, seed: 4 });
  const checkpoints: Checkpoint[] = [];
  const options: FitOptions = {
    train: stripes(16),
    normalization,
    recipe: recipe('cifar10-paper', { batchSize: 4, iterations: 6, learningRate: 0.01, seed: 4 }),
    checkpointEvery: 2,
    onCheckpoint: (checkpoint) => void checkpoints.push(structuredClone(checkpoint)),
  };
  const { device } = tf.backend() as unknown as { device: { destroy(): void } };
  const onLost: FitOptions = {
    ...options,
    onProgress: ({ iteration }) => {
      if (iteration === 3) device.destroy();
    },
  };
  const lost = { code: 'BACKEND_LOST', message: expect.stringContaining('webgpu') };
  await expect(fit(network(), onLost)).rejects.toMatchObject(lost);
  gpu.dispose();
  expect(checkpoints.map(({ iteration }) => iteration)).toEqual([2]);
  for (const { data } of checkpoints[0]!.network.values()) expect(data.every(Number.isFinite)).toBe(true);

  const processor = await useBackend('wasm', { threads: 1 });
  const resumed = network();
  await fit(resumed, { ...options, resume: checkpoints[0]! });
  expect(checkpoints.map(({ iteration }) => iteration)).toEqual([2, 4, 6]);

  const whole = network();
  const undisturbed: Checkpoint[] = [];
  await fit(whole, { ...options, onCheckpoint: (checkpoint) => void undisturbed.push(checkpoint) });
  let most = 0;
  for (const [name, { data }] of undisturbed.at(-1)!.network) {
    for (const [place, value] of checkpoints.at(-1)!.network.get(name)!.data.entries()) {
      most = Math.max(most, Math.abs(value - data[place]!));
    }
  }
  expect(most).toBeLessThan(1e-4);
  processor.dispose();
});
