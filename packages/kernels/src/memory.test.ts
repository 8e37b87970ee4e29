import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { install, type Kernels } from './install.js';
import type { TfjsWasmBackend } from './runtime/tfjs-wasm.js';
import { callsOfAllKernels, largeCalls } from './testing/calls.js';
import { relativeError, WINOGRAD } from './testing/exactness.js';
import { normalValues } from './testing/random.js';
import * as reference from './testing/reference.js';
import { runKernel } from './testing/run-kernel.js';
import { placeWindows } from './testing/windows.js';

let kernels: Kernels;

beforeAll(() => tf.setBackend('wasm'));
beforeEach(async () => {
  kernels = await install({ threads: 1 });
});
afterEach(() => {
  kernels.dispose();
  tf.disposeVariables();
});

const normal = (shape: number[], seed: number) =>
  tf.tensor(normalValues(seed, tf.util.sizeFromShape(shape)), shape);
const packedBytes = () => kernels.memory().packedBytes;

/** Addresses that the module has handed out and not got back. */
function watchHeap(): Set<number> {
  const { wasm } = tf.backend() as unknown as TfjsWasmBackend;
  // At its first call each of these functions puts another one in its place.
  wasm._free(wasm._malloc(1));
  const live = new Set<number>();
  const [malloc, free] = [wasm._malloc, wasm._free];
  wasm._malloc = (bytes) => {
    const address = malloc(bytes);
    live.add(address);
    return address;
  };
  wasm._free = (address) => {
    live.delete(address);
    free(address);
  };
  return live;
}

describe('packed filters', () => {
  const attributes = { strides: 1, pad: 1, dilations: 1, dataFormat: 'NHWC' as const };

  it.each([
    ['by Winograd', [3, 3, 16, 24]],
    ['directly', [5, 5, 16, 24]],
    ['for few channels', [3, 3, 3, 24]],
  ])('are kept while the filter lives: %s', (_, shape) => {
    tf.tidy(() => {
      const x = normal([2, 9, 9, shape[2]!], 1);
      const filter = normal(shape, 2);
      const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1);
      const once = packedBytes();
      expect(once).toBeGreaterThanOrEqual(4 * filter.size);
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 1);
      expect(packedBytes()).toBe(once);
      tf.engine().runKernel('Conv2DBackpropInput', { dy: y, filter }, { ...attributes, inputShape: x.shape });
      const twice = packedBytes();
      expect(twice).toBeGreaterThan(once);
      const clone = filter.clone();
      filter.dispose();
      expect(packedBytes()).toBe(twice);
      clone.dispose();
      expect(packedBytes()).toBe(0);
    });
  });

  it('are made anew after a step in place', () => {
    const windows = placeWindows(
      {
        ...{ images: 1, height: 8, width: 8, inChannels: 8, outChannels: 8, filterHeight: 3, filterWidth: 3 },
        ...{ strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
      },
      1,
    );
    tf.tidy(() => {
      const x = normal([1, 8, 8, 8], 1) as tf.Tensor4D;
      const filter = normal([3, 3, 8, 8], 2) as tf.Tensor4D;
      tf.conv2d(x, filter, 1, 1);
      expect(packedBytes()).toBeGreaterThan(0);
      const inputs = {
        parameter0: filter,
        velocity0: tf.zerosLike(filter),
        gradient0: normal([3, 3, 8, 8], 3),
      };
      const rates = {
        learningRate: 1,
        momentum: 0,
        weightDecay: 0,
        gradientScale: 1,
        decoupledDecay: 0,
        nesterov: 0,
      };
      const [updated] = tf.engine().runKernel('SgdUpdate', inputs, rates) as tf.Tensor4D[];
      expect(updated!.dataId).toBe(filter.dataId);
      expect(packedBytes()).toBe(0);
      const y = tf.conv2d(x, updated!, 1, 1).dataSync();
      const expected = reference.convolution(windows, x.dataSync(), updated!.dataSync());
      expect(relativeError(y, expected)).toBeLessThan(WINOGRAD);
    });
  });

  it('are of the shape in which the values are used', () => {
    tf.tidy(() => {
      const values = normal([12, 40], 1) as tf.Tensor2D;
      const reshaped = tf.reshape<tf.Rank.R2>(values, [40, 12]);
      expect(reshaped.dataId).toBe(values.dataId);
      const transposed = { transposeA: false, transposeB: false };
      for (const b of [values, reshaped]) {
        const [depth, columns] = b.shape;
        const a = normal([5, depth], 2) as tf.Tensor2D;
        const expected = reference.matMul([5, depth, columns], a.dataSync(), b.dataSync(), transposed);
        expect(relativeError(tf.matMul(a, b).dataSync(), expected)).toBeLessThan(1e-6);
        const dy = normal([5, columns], 3) as tf.Tensor2D;
        const forB = { transposeA: false, transposeB: true };
        const back = reference.matMul([5, columns, depth], dy.dataSync(), b.dataSync(), forB);
        expect(relativeError(tf.matMul(dy, b, false, true).dataSync(), back)).toBeLessThan(1e-6);
      }
    });
  });
});

describe('memory', () => {
  it('is what it was after kernels of many shapes, but for scratch, which is bounded', () => {
    const calls = [...callsOfAllKernels(60, 1), ...largeCalls()];
    const { numTensors, numBytes, numDataBuffers } = tf.memory();
    const backend = tf.backend();
    const dataIds = backend.numDataIds();
    const runAll = () => {
      for (const call of calls) runKernel(...call);
      return kernels.memory();
    };
    const { packedBytes, scratchBytes } = runAll();
    expect(packedBytes).toBe(0);
    expect(scratchBytes).toBeLessThan(48e6);
    expect(runAll()).toEqual({ packedBytes, scratchBytes });
    expect(tf.memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
    expect(backend.numDataIds()).toBe(dataIds);
  });

  it('is all given back, again and again', async () => {
    kernels.dispose();
    const live = watchHeap();
    const filter = normal([3, 3, 8, 8], 1);
    const before = [...live];
    for (let round = 0; round < 5; round++) {
      kernels = await install({ threads: 1, winograd: round % 2 === 0, relaxedSimd: round % 3 === 0 });
      for (const call of callsOfAllKernels(3, round)) runKernel(...call);
      tf.tidy(() => void tf.conv2d(normal([1, 8, 8, 8], 1) as tf.Tensor4D, filter as tf.Tensor4D, 1, 1));
      expect(packedBytes()).toBeGreaterThan(0);
      expect(live.size).toBeGreaterThan(before.length);
      kernels.dispose();
      expect([...live]).toEqual(before);
    }
    filter.dispose();
  });

  it('does not keep the results of a kernel that fails', () => {
    const { numTensors } = tf.memory();
    const dataIds = tf.backend().numDataIds();
    const x = tf.zeros([1, 4, 4, 2]);
    const dy = tf.zeros([1, 7, 7, 3]);
    const attributes = { strides: 1, pad: 0, dilations: 1, dataFormat: 'NHWC', filterShape: [2, 2, 2, 3] };
    const differentiate = () => tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes);
    expect(differentiate).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    tf.dispose([x, dy]);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.backend().numDataIds()).toBe(dataIds);
  });
});
