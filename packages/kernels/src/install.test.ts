import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import './gradients.js';
import { type InstallOptions, install, type Kernels } from './install.js';

const wasmFolder = `${join(import.meta.dirname, '..', 'wasm')}/`;
let kernels: Kernels | undefined;

async function installed(options: InstallOptions = {}): Promise<Kernels> {
  kernels = await install({ threads: 1, ...options });
  return kernels;
}

const withCode = (code: string) => expect.objectContaining({ name: 'ResnetError', code });
const product = () => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 1])).dataSync());

describe('install, before there is a WASM backend', () => {
  it('says so', async () => {
    await expect(install()).rejects.toThrow(withCode('WASM_UNAVAILABLE'));
  });

  it('says so where another backend runs', async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    await expect(install()).rejects.toThrow(withCode('WASM_UNAVAILABLE'));
  });
});

describe('install', () => {
  beforeAll(async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    await tf.setBackend('wasm');
  });
  afterEach(() => {
    kernels?.dispose();
    kernels = undefined;
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('does not take %s threads', async (threads) => {
    await expect(install({ threads: threads as number })).rejects.toThrow(withCode('OPTION_INVALID'));
  });

  it('takes one thread where the memory is not shared', async () => {
    expect((await installed({ threads: 4 })).threads).toBe(1);
    expect(kernels!.features).toEqual(['simd', 'relaxed-simd', 'winograd']);
  });

  it('says what is in use', async () => {
    expect((await installed({ winograd: false, relaxedSimd: false })).features).toEqual(['simd']);
  });

  it('gives the same kernels when they are there already', async () => {
    const first = await installed();
    expect(await install()).toBe(first);
  });

  it('gives the same kernels to all who ask at a time', async () => {
    const stock = tf.getKernel('Conv2D', 'wasm');
    const [first, second] = await Promise.all([installed(), install({ threads: 1 })]);
    expect(second).toBe(first);
    first!.dispose();
    expect(tf.getKernel('Conv2D', 'wasm')).toBe(stock);
  });

  it("gives tfjs's kernels back", async () => {
    const stock = tf.getKernelsForBackend('wasm');
    for (let round = 0; round < 20; round++) {
      await installed({ winograd: round % 2 === 0 });
      expect(tf.getKernel('Conv2D', 'wasm')).not.toBe(
        stock.find(({ kernelName }) => kernelName === 'Conv2D'),
      );
      expect(product()).toEqual(new Float32Array([3, 3]));
      kernels!.dispose();
      expect(new Set(tf.getKernelsForBackend('wasm'))).toEqual(new Set(stock));
      expect(product()).toEqual(new Float32Array([3, 3]));
    }
  });

  it('is undone once only', async () => {
    const first = await installed();
    first.dispose();
    const second = await installed();
    first.dispose();
    expect(await install()).toBe(second);
    expect(product()).toEqual(new Float32Array([3, 3]));
  });

  it('can be done again for a new backend', async () => {
    const first = await installed();
    const factory = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory);
    await tf.setBackend('wasm');
    const second = await installed();
    expect(second).not.toBe(first);
    expect(product()).toEqual(new Float32Array([3, 3]));
    first.dispose();
    expect(product()).toEqual(new Float32Array([3, 3]));
  });

  it('of a backend that another replaces meanwhile does not reach the other, which keeps its own', async () => {
    const stock = tf.getKernelsForBackend('wasm');
    const factory = tf.findBackendFactory('wasm');
    const late = install({ threads: 1 }).catch((error) => error);
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory);
    await tf.setBackend('wasm');
    await installed();
    expect(await late).toEqual(withCode('WASM_UNAVAILABLE'));
    expect(product()).toEqual(new Float32Array([3, 3]));
    kernels!.dispose();
    expect(new Set(tf.getKernelsForBackend('wasm'))).toEqual(new Set(stock));
    expect(product()).toEqual(new Float32Array([3, 3]));
  });

  it.each([wasmFolder, pathToFileURL(wasmFolder).href])(
    'loads the files that it is shown: %s',
    async (wasmPath) => {
      expect((await installed({ wasmPath })).features).toContain('simd');
      expect(product()).toEqual(new Float32Array([3, 3]));
    },
  );

  it.each(['/there/is/no/such/folder/', 'http://127.0.0.1:9/', 'file:///no/such/folder/'])(
    'says which file is missing: %s',
    async (wasmPath) => {
      const stock = tf.getKernel('Conv2D', 'wasm');
      const error: ResnetError = await install({ wasmPath }).catch((error) => error);
      expect(error).toBeInstanceOf(ResnetError);
      expect(error.code).toBe('WASM_UNAVAILABLE');
      expect(error.message).toContain(`.wasm from ${wasmPath}`);
      expect(tf.getKernel('Conv2D', 'wasm')).toBe(stock);
    },
  );

  it('makes tfjs train a convolutional network on WASM, which it cannot by itself', async () => {
    await installed();
    const filter = tf.variable(tf.randomNormal<tf.Rank.R4>([3, 3, 1, 8], 0, 0.3, 'float32', 1));
    const weight = tf.variable(tf.randomNormal<tf.Rank.R2>([4 * 4 * 8, 2], 0, 0.1, 'float32', 2));
    // Pictures of the first class are bright on the left, of the second on the right.
    const images = tf.tensor4d(
      Array.from({ length: 16 * 64 }, (_, index) => Number(index % 8 < 4 === index < 8 * 64)),
      [16, 8, 8, 1],
    );
    const labels = tf.oneHot(
      tf.tensor1d(
        Array.from({ length: 16 }, (_, index) => Number(index >= 8)),
        'int32',
      ),
      2,
    );
    const lossOf = () => {
      const convolved = tf.relu<tf.Tensor4D>(tf.conv2d(images, filter, 1, 'same'));
      const features = tf.reshape(tf.maxPool(convolved, 2, 2, 'valid'), [16, 4 * 4 * 8]);
      const probabilities = tf.softmax(tf.matMul(features, weight));
      return tf.neg(tf.mean(tf.mul(labels, tf.log(probabilities)))) as tf.Scalar;
    };
    const optimizer = tf.train.momentum(0.05, 0.9);
    const losses = Array.from({ length: 30 }, () => {
      const loss = optimizer.minimize(lossOf, true)!;
      const [value] = loss.dataSync();
      loss.dispose();
      return value!;
    });
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 10);
    optimizer.dispose();
    tf.dispose([filter, weight, images, labels]);
  });

  it("leaves to tfjs's kernels what it does not do", async () => {
    await installed();
    const results = tf.tidy(() => [
      tf.matMul(tf.ones([2, 2, 3]), tf.ones([2, 3, 1])),
      tf.matMul(tf.ones([3, 2]), tf.ones([1, 3]), true, true),
      tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([3, 1]), activation: 'sigmoid' }),
      tf.fused.conv2d({
        x: tf.ones<tf.Rank.R4>([1, 2, 2, 1]),
        filter: tf.ones<tf.Rank.R4>([1, 1, 1, 2]),
        strides: 1,
        pad: 0,
        activation: 'relu6',
      }),
    ]);
    const values = results.map((result) => [...result.dataSync()].map((value) => Number(value.toFixed(4))));
    tf.dispose(results);
    expect(values).toEqual([[3, 3, 3, 3], [3, 3], [0.9526, 0.9526], Array(8).fill(1)]);
  });
});
