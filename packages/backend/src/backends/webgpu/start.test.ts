/// <reference types="@webgpu/types" />

import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Backend, useBackend } from '../../backend.js';

/** tfjs's backend, as far as the tests break it. */
interface BreakableBackend {
  device: GPUDevice;
}

describe('the webgpu backend', () => {
  let backend: Backend;
  beforeEach(async ({ skip }) => {
    try {
      backend = await useBackend('webgpu');
    } catch (error) {
      if (!ResnetError.is(error)) throw error;
      skip(error.message);
    }
    return () => backend.dispose();
  });

  it('tells the GPU’s name, and computes', async () => {
    expect(backend).toMatchObject({ name: 'webgpu', device: expect.stringMatching(/^WebGPU on \S/) });
    const sum = tf.tidy(() => tf.sum(tf.square(tf.tensor1d([1, 2, 3]))));
    expect([...(await sum.data())]).toEqual([14]);
    sum.dispose();
  });

  it('keeps a running device and its tensors', async () => {
    const tensor = tf.square(tf.tensor1d([3]));
    await useBackend('webgpu');
    expect([...(await tensor.data())]).toEqual([9]);
    tensor.dispose();
  });

  it('ends with an error what is asked of a device that is lost, and starts again', async () => {
    const tensor = tf.square(tf.tensor1d([3]));
    const { device } = tf.backend() as unknown as BreakableBackend;
    const reading = tensor.data();
    device.destroy();
    await device.lost;
    const lost = { code: 'BACKEND_LOST', message: expect.stringContaining('Start a backend again') };
    await expect(reading.then(() => tf.square(tensor).data())).rejects.toMatchObject(lost);
    expect(() => tf.square(tensor)).toThrow(expect.objectContaining(lost));
    backend = await useBackend('webgpu');
    const again = tf.square(tf.tensor1d([4]));
    expect([...(await again.data())]).toEqual([16]);
  });

  it('ends with an error what is asked of a device that has failed', async () => {
    const tensor = tf.square(tf.tensor1d([3]));
    const { device } = tf.backend() as unknown as BreakableBackend;
    const failed = new Promise((resolve) => device.addEventListener('uncapturederror', resolve));
    device.createBuffer({ size: 2 * device.limits.maxBufferSize, usage: GPUBufferUsage.STORAGE });
    await failed;
    await expect(tensor.data()).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  });

  it('takes the GPU of a name, and lists the names where there is none', async () => {
    backend.dispose();
    const unknown = { code: 'BACKEND_FAILED', message: expect.stringContaining('Available adapters') };
    await expect(useBackend('webgpu', { adapter: 'No such GPU' })).rejects.toMatchObject(unknown);
    const [, brand] = /on (\w+)/.exec(backend.device)!;
    backend = await useBackend('webgpu', { adapter: brand! });
    expect(backend.device).toContain(brand);
  });

  it('is passed over by auto where the processor plays the GPU', async ({ skip }) => {
    skip(!backend.features.includes('software'), 'there is a real GPU here');
    const chosen = await useBackend('auto');
    expect(chosen.passedOver).toContainEqual({
      name: 'webgpu',
      code: 'BACKEND_FAILED',
      reason: expect.stringContaining('slower than WebAssembly'),
    });
    chosen.dispose();
    await tf.setBackend('webgpu');
  });
});
