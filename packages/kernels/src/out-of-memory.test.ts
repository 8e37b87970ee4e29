import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, type Kernels } from './install.js';
import type { TfjsWasmBackend } from './runtime/tfjs-wasm.js';
import { callsOfAllKernels, titleOf } from './testing/calls.js';
import { bytesOf, runKernel } from './testing/run-kernel.js';

const GIGABYTE = 2 ** 30;
let kernels: Kernels;

beforeAll(async () => {
  await tf.setBackend('wasm');
  kernels = await install({ threads: 1 });
  // Without an error here, what follows would overwrite the heap.
  const { wasm } = tf.backend() as unknown as TfjsWasmBackend;
  for (const bytes of [4 * GIGABYTE - 1e5, 4 * GIGABYTE + 1e3]) {
    expect(() => wasm._malloc(bytes)).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }));
  }
});
afterAll(() => kernels.dispose());

/** Runs what needs too much memory, and sees that nothing has changed. */
function expectOutOfMemory(run: () => unknown): void {
  const { numTensors, numBytes } = tf.memory();
  const dataIds = tf.backend().numDataIds();
  expect(run).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }));
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  expect(tf.backend().numDataIds()).toBe(dataIds);
  expect(tf.tidy(() => tf.matMul(tf.ones([3, 4]), tf.ones([4, 5])).dataSync())).toEqual(
    new Float32Array(15).fill(4),
  );
}

/** The gradient of a mean over so many pixels of one channel: a small input, a large result. */
const spread = (height: number, width: number) => () =>
  tf.tidy(() =>
    tf.engine().runKernel('GlobalAveragePoolGradient', { dy: tf.ones([1, 1]) }, { height, width }),
  );

describe('out of memory', () => {
  it("is reported by this package's kernels", () => {
    expectOutOfMemory(spread(8, 134_217_603));
  });

  it("is reported by tfjs's own kernels", () => {
    expectOutOfMemory(() => tf.tidy(() => tf.fill([8, 134_217_603], 1)));
  });

  it('gives back what the kernel has got before', () => {
    // Of two results of 2.4 GB, only the first fits. Memory that nothing is written to costs nothing.
    const inputs = () => ({
      x: tf.ones([1, 1, 1, 1]),
      filter: tf.ones([1, 1, 1, 1]),
      gamma: tf.ones([1]),
      beta: tf.ones([1]),
    });
    const attributes = { stride: 1, padding: 12_000, dilation: 1, epsilon: 1, relu: false };
    expectOutOfMemory(() =>
      tf.tidy(() => tf.engine().runKernel('ConvBatchNormTraining', inputs(), attributes)),
    );
  });

  it('is reported for more bytes than addresses have bits', () => {
    expectOutOfMemory(spread(65_536, 16_385));
  });

  it('does not come early: kernels work beyond 2 GB', () => {
    const calls = callsOfAllKernels(10, 1);
    const backend = tf.backend() as unknown as TfjsWasmBackend;
    const ballast = backend.makeOutput([(2.1 * GIGABYTE) / 4], 'float32');
    const high = tf.ones([1_000_000]);
    expect(backend.dataIdMap.get(high.dataId).memoryOffset).toBeGreaterThan(2 * GIGABYTE);
    const results = calls.map((call) => runKernel(...call));
    backend.disposeData(ballast.dataId);
    high.dispose();
    for (const [index, call] of calls.entries()) {
      for (const [which, { values }] of runKernel(...call).entries()) {
        const isSame = Buffer.compare(bytesOf(results[index]![which]!.values), bytesOf(values)) === 0;
        expect(isSame, titleOf(call)).toBe(true);
      }
    }
  });
});
