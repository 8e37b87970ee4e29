/// <reference types="@webgpu/types" />

import { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { cifarResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { fit, recipe } from '../index.js';
import { normalization, stripes } from '../test-support.js';

// Dawn's GPU that computes nothing, and has 512 MB of memory.
vi.mock(import('webgpu'), async (load) => {
  const webgpu = await load();
  return { ...webgpu, create: () => webgpu.create(['backend=null']) };
});

/** tfjs's backend, as far as the tests make its GPU smaller. */
interface SmallBackend {
  device: GPUDevice;
}

const images = 768;
const train = stripes(images);

/** Two steps with so many images each, on a GPU that is made smaller first. */
async function trainWith(batchSize: number, shrink: (backend: SmallBackend) => void): Promise<void> {
  const gpu = await useBackend('webgpu');
  shrink(tf.backend() as unknown as SmallBackend);
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 4 });
  try {
    await fit(network, {
      train,
      normalization,
      recipe: recipe('cifar10-paper', { batchSize, iterations: 2, learningRate: 0.01, seed: 4 }),
    });
  } finally {
    network.dispose();
    gpu.dispose();
    await tf.removeBackend('webgpu');
  }
}

const withBindingsOf =
  (bytes: number) =>
  ({ device }: SmallBackend) => {
    const { maxBufferSize, maxComputeWorkgroupsPerDimension, minUniformBufferOffsetAlignment } =
      device.limits;
    const { maxStorageBuffersPerShaderStage } = device.limits;
    const limits = {
      ...{ maxBufferSize, maxComputeWorkgroupsPerDimension, minUniformBufferOffsetAlignment },
      ...{ maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize: bytes },
    };
    Object.defineProperty(device, 'limits', { value: limits });
  };

async function skipWithoutGpu(skip: (reason: string) => never): Promise<void> {
  const gpu = await useBackend('webgpu').catch((error) => {
    if (!ResnetError.is(error)) throw error;
    return skip(error.message);
  });
  gpu.dispose();
}

/** The error of a training with all images at a time, and the number of images in its message. */
async function failure(shrink: (backend: SmallBackend) => void, named: RegExp) {
  const error = (await trainWith(images, shrink).catch((error) => error)) as ResnetError;
  return { code: error.code, fitting: Number(named.exec(error.message)?.[1]) };
}

it('trains with as many images as the error of a full memory names', async ({ skip }) => {
  await skipWithoutGpu(skip);
  const { code, fitting } = await failure(() => {}, /About (\d+) images/);
  expect(code).toBe('GPU_OUT_OF_MEMORY');
  expect(fitting).toBeGreaterThan(images / 3);
  expect(fitting).toBeLessThan(images);
  // It computes nothing: what is then in its buffers may not be finite.
  const outcome = await trainWith(fitting, () => {}).catch(({ code }) => code);
  expect([undefined, 'LOSS_NOT_FINITE']).toContain(outcome);
});

it('names the batch where a tensor would be too large', async ({ skip }) => {
  await skipWithoutGpu(skip);
  // The first layer's output has 64 KiB for each image.
  const found = await failure(withBindingsOf(2 ** 21), /About (\d+) images/);
  expect(found).toEqual({ code: 'TENSOR_TOO_LARGE', fitting: 32 });
});
