/// <reference types="@webgpu/types" />

import { type Random, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { type Backend, useBackend } from '../../backend.js';
import { type Array64, array64 } from '../../conformance/reference.js';

export const epsilon = 1e-3;

/** Gives the tests of a `describe` the backend; where it can't be had they are skipped. */
export function useWebgpu(): void {
  let backend: Backend | undefined;
  let reason = '';
  beforeAll(async () => {
    try {
      backend = await useBackend('webgpu');
    } catch (error) {
      if (!ResnetError.is(error)) throw error;
      reason = error.message;
    }
    return () => backend?.dispose();
  });
  beforeEach(({ skip }) => skip(!backend, reason));
}

/** After each test there must be as many tensors as before. */
export function checkTensors(): void {
  let tensorsBefore = 0;
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
}

/** tfjs's backend, as far as the tests look into it. */
export function tfjsBackend() {
  return tf.backend() as unknown as { device: GPUDevice; recordAndSubmit(): void };
}

/** Has the kernels find a device of less than this one. */
export function limitOf(
  name: 'maxComputeWorkgroupsPerDimension' | 'maxStorageBuffersPerShaderStage',
  value: number,
) {
  const { device } = tfjsBackend();
  const limits = new Proxy(device.limits, {
    get: (target, key) => (key === name ? value : target[key as typeof name]),
  });
  vi.spyOn(tfjsBackend(), 'device', 'get').mockReturnValue(
    new Proxy(device, {
      get: (target, key) => {
        if (key === 'limits') return limits;
        const member = target[key as 'createBuffer'];
        return typeof member === 'function' ? member.bind(target) : member;
      },
    }),
  );
}

export function normals(random: Random, shape: number[], offset = 0): Array64 {
  return array64(shape, () => Math.fround(random.normal() + offset));
}

export function tensorOf<T extends tf.Tensor>({ data, shape }: Array64): T {
  return tf.tensor(Float32Array.from(data), [...shape]) as T;
}

export function variableOf(values: Array64): tf.Variable {
  const initial = tensorOf(values);
  const variable = tf.variable(initial);
  initial.dispose();
  return variable;
}
