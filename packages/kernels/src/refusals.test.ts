import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, type Kernels } from './install.js';

let kernels: Kernels;
beforeAll(async () => {
  await tf.setBackend('wasm');
  kernels = await install({ threads: 1 });
});
afterAll(() => kernels.dispose());

const refusal = expect.objectContaining({ name: 'ResnetError', code: 'INPUT_INVALID' });
const valuesOf = (make: () => tf.Tensor) => tf.tidy(() => [...make().dataSync()]);
const image = (height: number, width: number, channels = 1) =>
  tf.reshape<tf.Rank.R4>(tf.range(1, height * width * channels + 1), [1, height, width, channels]);

/** tf.tidy that leaves nothing behind, whatever happens. */
function expectRefusal(work: () => tf.Tensor): void {
  const { numTensors } = tf.memory();
  const dataIds = tf.backend().numDataIds();
  expect(() => tf.tidy(work)).toThrow(refusal);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(tf.backend().numDataIds()).toBe(dataIds);
}

describe('sizes that make no sense are refused with a code', () => {
  it.each([
    [5, 5],
    [5, 1],
    [1, 5],
  ])('a window of %i × %i in an image of 2 × 2', (height, width) => {
    expectRefusal(() => tf.conv2d(image(2, 2), tf.ones([height, width, 1, 1]), 1, 'valid'));
    expectRefusal(() => tf.maxPool(image(2, 2), [height, width], 1, 'valid'));
    expectRefusal(() => tf.avgPool(image(2, 2), [height, width], 1, 'valid'));
    expectRefusal(() => tf.depthwiseConv2d(image(2, 2), tf.ones([height, width, 1, 1]), 1, 'valid'));
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 31])('a stride of %s', (stride) => {
    const attributes = { strides: [stride, stride], pad: 'valid', dilations: [1, 1], dataFormat: 'NHWC' };
    const call = (name: string, inputs: object, more: object = {}) =>
      expectRefusal(
        () => tf.engine().runKernel(name, inputs as never, { ...attributes, ...more } as never) as tf.Tensor,
      );
    const [x, filter] = [image(3, 3), tf.ones([2, 2, 1, 1])];
    call('Conv2D', { x, filter });
    call('DepthwiseConv2dNative', { x, filter });
    call('Conv2DBackpropInput', { dy: x, filter }, { inputShape: [1, 4, 4, 1] });
    call('DepthwiseConv2dNativeBackpropInput', { dy: x, filter }, { inputShape: [1, 4, 4, 1] });
    call('MaxPool', { x }, { filterSize: 2 });
    tf.dispose([x, filter]);
  });
});

describe('what tfjs leaves out or gets wrong', () => {
  it('gradients where sizes were rounded up', () => {
    const pooled = tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 0, 'ceil'));
    const dy = () => tf.tensor4d([1, 10, 100, 1000, 10_000, 100_000, 1, 1, 1], [1, 3, 3, 1]);
    const sum = valuesOf(() => tf.sum(pooled(image(5, 5), dy())));
    expect(sum).toEqual([111_114]);
    const average = tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 0, 'ceil'));
    expect(valuesOf(() => tf.sum(average(image(5, 5), dy())))[0]).toBeCloseTo(111_114, 1);
    const convolve = tf.grads((x, filter) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 0, 'NHWC', 1, 'ceil'),
    );
    const [dx, dFilter] = tf.tidy(() =>
      convolve([image(5, 5), tf.ones([2, 2, 1, 1])], dy()).map((gradient) => [...gradient.dataSync()]),
    );
    // Each pixel of the image is under one window; those of the last row and column are partly outside.
    expect(dx!.reduce((sum, value) => sum + value, 0)).toBe(4 * 11_011 + 2 * (100 + 100_000 + 1 + 1) + 1);
    expect(dFilter![0]).toBe(1 + 3 * 10 + 5 * 100 + 11 * 1000 + 13 * 10_000 + 15 * 100_000 + 21 + 23 + 25);
  });

  it('int32 images and empty batches', () => {
    const large = 2 ** 24 + 1;
    expect(
      valuesOf(() => tf.maxPool(tf.tensor4d([1, large, -5, 2], [1, 2, 2, 1], 'int32'), 2, 2, 'valid')),
    ).toEqual([large]);
    const attributes = { strides: 1, pad: 'valid', dilations: 1, dataFormat: 'NHWC' };
    const convolve = () => {
      const x = tf.tensor4d([1, 2, 3, 250], [1, 2, 2, 1], 'int32');
      return tf
        .engine()
        .runKernel('Conv2D', { x, filter: tf.fill([2, 2, 1, 1], 0.5) }, attributes) as tf.Tensor;
    };
    expect(valuesOf(convolve)).toEqual([128]);
    tf.tidy(() => {
      const empty = tf.zeros<tf.Rank.R4>([0, 4, 4, 2]);
      const filter = tf.ones<tf.Rank.R4>([3, 3, 2, 5]);
      expect(tf.conv2d(empty, filter, 1, 'same').shape).toEqual([0, 4, 4, 5]);
      expect(tf.maxPool(empty, 2, 2, 'same').shape).toEqual([0, 2, 2, 2]);
      const gradient = tf.grads((x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'));
      const [dx, dFilter] = gradient([empty, filter], tf.zeros([0, 4, 4, 5]));
      expect(dx!.shape).toEqual([0, 4, 4, 2]);
      expect(dFilter!.dataSync().every((value) => value === 0)).toBe(true);
      expect(tf.matMul(tf.zeros([0, 3]), tf.ones([3, 2])).shape).toEqual([0, 2]);
    });
  });

  it('fused products of transposed matrices with a bias', () => {
    const a = () => tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const b = () => tf.tensor2d([1, 3, 5, 7], [2, 2]);
    const fused = (transposeA: boolean, transposeB: boolean) =>
      valuesOf(() =>
        tf.fused.matMul({ a: a(), b: b(), transposeA, transposeB, bias: tf.tensor1d([6, 100]) }),
      );
    expect(fused(false, true)).toEqual([13, 119, 21, 143]);
    expect(fused(true, false)).toEqual([22, 124, 28, 134]);
    expect(fused(true, true)).toEqual([16, 126, 20, 138]);
    expect(fused(false, false)).toEqual([17, 117, 29, 137]);
  });

  it('products of batches that both have to be repeated', () => {
    const product = () => tf.matMul(tf.tensor([1, 2], [2, 1, 1, 1]), tf.tensor([1, 10, 100], [1, 3, 1, 1]));
    expect(valuesOf(product)).toEqual([1, 10, 100, 2, 20, 200]);
  });

  it("all of a volume's gradients", () => {
    const convolve = tf.grads((x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, 'valid'));
    tf.tidy(() => {
      const [dx, dFilter] = convolve([tf.ones([2, 2, 2, 2, 1]), tf.ones([1, 1, 1, 1, 3])]);
      expect([...dx!.dataSync()]).toEqual(Array(16).fill(3));
      expect([...dFilter!.dataSync()]).toEqual([16, 16, 16]);
      const deepest = tf.maxPool3d(tf.fill<tf.Rank.R5>([1, 2, 2, 2, 1], -3), 2, 2, 'valid');
      expect([...deepest.dataSync()]).toEqual([-3]);
    });
  });

  it('depthwise convolutions of one row with a stride, and their gradients', () => {
    const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'valid');
    const filter = () => tf.tensor4d([1, 10], [1, 2, 1, 1]);
    expect(valuesOf(() => convolve(image(3, 4), filter()))).toEqual([21, 43, 109, 131]);
    tf.tidy(() => {
      const [dx, dFilter] = tf.grads(convolve)([image(3, 4), filter()]);
      expect([...dx!.dataSync()]).toEqual([1, 10, 1, 10, 0, 0, 0, 0, 1, 10, 1, 10]);
      expect([...dFilter!.dataSync()]).toEqual([1 + 3 + 9 + 11, 2 + 4 + 10 + 12]);
    });
  });

  it('the gradient of tf.gather', () => {
    const gather = tf.grad((x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')));
    expect(valuesOf(() => gather(tf.ones([3, 2]), tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])))).toEqual([
      3, 4, 0, 0, 6, 8,
    ]);
  });

  it('averages at the edge, in the gradient too', () => {
    const pool = tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'same'));
    // Three by three: the last window of a row has two pixels, the last of all one.
    expect(valuesOf(() => pool(image(3, 3), tf.ones([1, 2, 2, 1])))).toEqual([
      0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1,
    ]);
  });

  it('numbers as truths', () => {
    expect(valuesOf(() => tf.cast(tf.tensor1d([0, 0.5, -1, 256]), 'bool'))).toEqual([0, 1, 1, 1]);
    expect(valuesOf(() => tf.cast(tf.tensor1d([0, 256], 'int32'), 'bool'))).toEqual([0, 1]);
  });
});
