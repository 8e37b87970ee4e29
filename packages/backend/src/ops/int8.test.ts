import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../backend.js';
import {
  dequantizeInt8,
  int8AveragePool,
  int8Conv2d,
  int8MaxPool,
  int8SubsamplePad,
  int8Tensor,
  loadInt8,
  quantizeInt8,
} from './int8.js';

/** What the operations give, of small integers for which float32 sums are exact. */
async function results(threads: number | 'cpu', options: object = {}): Promise<number[][]> {
  const backend = await (threads === 'cpu' ? useBackend('cpu') : useBackend('wasm', { threads, ...options }));
  try {
    await loadInt8();
    const random = new Random(7);
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.int(256));
    const found: number[][] = [];
    const note = (tensor: tf.Tensor) => {
      found.push([...tensor.dataSync()]);
      tensor.dispose();
    };
    for (let round = 0; round < 60; round++) {
      const size = random.int(2) === 0 ? 3 : 1 + random.int(4);
      const stride = 1 + random.int(2);
      const padding = random.int(size);
      const [height, width] = [size + random.int(9), size + random.int(9)];
      const [inChannels, channels] = [1 + random.int(40), 1 + random.int(30)];
      const images = 1 + random.int(3);
      const x = int8Tensor(bytes(images * height * width * inChannels), [
        images,
        height,
        width,
        inChannels,
      ]) as tf.Tensor4D;
      const filter = int8Tensor(
        Int8Array.from(bytes(size * size * inChannels * channels), (byte) => byte - 128),
        [size, size, inChannels, channels],
      ) as tf.Tensor4D;
      const scale = tf.tensor1d(Float32Array.from({ length: channels }, () => random.uniform() / 3000));
      const bias = tf.tensor1d(
        Int32Array.from({ length: channels }, () => random.int(60000) - 30000),
        'int32',
      );
      const attributes = {
        ...{ stride, padding, dilation: 1, inputZero: random.int(256), zero: random.int(256) },
        ...{
          relu: random.int(2) === 0,
          residualZero: random.int(256),
          residualScale: random.uniform(),
          isFloat: false,
        },
      };
      const y = int8Conv2d(x, filter, scale, bias, attributes);
      const residual = int8Tensor(bytes(y.size), y.shape) as tf.Tensor4D;
      note(int8Conv2d(x, filter, scale, bias, { ...attributes, residual }));
      note(int8Conv2d(x, filter, scale, bias, { ...attributes, relu: false, isFloat: true }));
      note(int8MaxPool(x, { size, stride, padding: size >> 1 }));
      note(int8AveragePool(x, { window: [size, size], inputZero: 9, scale: 0.3 / size, zero: 5 }));
      note(int8SubsamplePad(x, { stride, channels: inChannels + 3, zero: 8 }));
      const range = { scale: 0.1, zero: 100 };
      const floats = dequantizeInt8(x, range);
      note(floats.clone());
      note(quantizeInt8(floats, { scale: 0.07, zero: 20 }));
      note(y);
      tf.dispose([x, filter, scale, bias, residual, floats]);
    }
    expect(tf.memory().numTensors).toBe(0);
    return found;
  } finally {
    backend.dispose();
  }
}

describe('operations on bytes', () => {
  it('agree', async () => {
    const expected = await results('cpu');
    for (const [threads, options] of [
      [1, {}],
      [1, { winograd: false }],
      [2, {}],
      [3, {}],
    ] as const) {
      const found = await results(threads, options);
      for (const [index, values] of found.entries()) {
        expect(values, `${threads} ${index} ${index % 8}`).toEqual(expected[index]);
      }
    }
  });
});
