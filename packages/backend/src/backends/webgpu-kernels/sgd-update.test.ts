import { Random } from '@resnet/core';
import { installWebgpu } from '@resnet/kernels/webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { array64 } from '../../conformance/reference.js';
import { type SgdHyperparameters, sgdUpdate } from '../../ops/sgd-update.js';
import {
  checkTensors,
  limitOf,
  normals,
  tensorOf,
  tfjsBackend,
  useWebgpu,
  variableOf,
} from './test-support.js';

describe('gradient descent on webgpu', () => {
  useWebgpu();
  checkTensors();

  describe.each<SgdHyperparameters & { of: number }>([
    { of: 1, learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
    { of: 7, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-2, nesterov: true, gradientScale: 0.5 },
    { of: 40, learningRate: 0.05, momentum: 0.8, weightDecay: 0, decoupledDecay: 0.1 },
  ])('gradient descent of $of parameters', ({ of, ...hyperparameters }) => {
    /** Two steps from the same beginning. */
    const updated = async (read = false) => {
      const random = new Random(5);
      const slots = Array.from({ length: of }, (_, index) => {
        const shape = [index % 3 === 0 ? 1 + index : 300 + index];
        const [parameter, velocity] = [normals(random, shape), normals(random, shape)].map(variableOf);
        return { parameter: parameter!, velocity: velocity!, shape };
      });
      for (let step = 0; step < 2; step++) {
        // What tfjs keeps of the values that it has read must not outlive them.
        if (read) await slots[0]!.parameter.data();
        const gradients = slots.map(({ shape }) => tensorOf(normals(random, shape)));
        sgdUpdate(
          slots.map(({ parameter, velocity }, index) => ({
            parameter,
            velocity,
            gradient: gradients[index]!,
          })),
          hyperparameters,
        );
        tf.dispose(gradients);
      }
      const values: number[][] = [];
      for (const variable of slots.flatMap(({ parameter, velocity }) => [parameter, velocity])) {
        values.push([...(await variable.data())]);
        variable.dispose();
      }
      return values.flat();
    };

    it.each([3, 8, Infinity])('gives what the portable body gives, with %s bindings', async (most) => {
      const { limits } = tfjsBackend().device;
      limitOf('maxStorageBuffersPerShaderStage', Math.min(most, limits.maxStorageBuffersPerShaderStage));
      const dispatches = vi.spyOn(tfjsBackend(), 'recordAndSubmit');
      const values = await updated(true);
      const together = Math.floor(tfjsBackend().device.limits.maxStorageBuffersPerShaderStage / 3);
      expect(dispatches).toHaveBeenCalledTimes(2 * Math.ceil(of / together));
      vi.restoreAllMocks();
      const expected = await portably('SgdUpdate', () => updated());
      expect(values.length).toBe(expected.length);
      for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
    });
  });

  it('leaves the data alone that others hold as well', async () => {
    const hyperparameters = { learningRate: 0.5, momentum: 0.5, weightDecay: 0 };
    const initial = tf.tensor1d([1, 2]);
    const [parameter, velocity] = [tf.variable(initial), variableOf(array64([2], () => 1))];
    const held = velocity.clone();
    const gradient = tf.tensor1d([1, 0]);
    sgdUpdate([{ parameter, velocity, gradient }], hyperparameters);
    expect([...(await initial.data())]).toEqual([1, 2]);
    expect([...(await held.data())]).toEqual([1, 1]);
    expect([...(await parameter.data())]).toEqual([0.25, 1.75]);
    expect([...(await velocity.data())]).toEqual([1.5, 0.5]);
    // A gradient that is the parameter.
    sgdUpdate([{ parameter, velocity, gradient: parameter }], hyperparameters);
    expect([...(await velocity.data())]).toEqual([1, 2]);
    expect([...(await parameter.data())]).toEqual([-0.25, 0.75]);
    tf.dispose([initial, held, gradient, parameter, velocity]);
  });

  it('takes no memory for an update', () => {
    const bytes = () => (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
    const [parameter, velocity] = [variableOf(array64([1000], () => 1)), variableOf(array64([1000]))];
    const gradient = tf.ones([1000]);
    const step = () =>
      sgdUpdate([{ parameter, velocity, gradient }], { learningRate: 0.1, momentum: 0.9, weightDecay: 0 });
    step();
    const before = bytes();
    step();
    // Besides the numbers that go with the dispatch.
    expect(bytes() - before).toBeLessThan(200);
    tf.dispose([parameter, velocity, gradient]);
  });
});

async function portably<T>(kernelName: string, work: () => Promise<T>): Promise<T> {
  tf.unregisterKernel(kernelName, 'webgpu');
  try {
    return await work();
  } finally {
    installWebgpu();
  }
}
