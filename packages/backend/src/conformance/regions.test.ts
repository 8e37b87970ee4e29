import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as ops from '../ops/index.js';
import type { Region } from './reference-regions.js';
import * as reference from './reference-regions.js';
import { type Case, describeOperations } from './test-support.js';

/** In pixels of the image, for maps of 9 × 11 at scale 1/4: inside, whole, across each border, outside, of no size, turned over. */
const regions: Region[] = [
  [0, 4.3, 6.1, 30.7, 25.9],
  [1, 0, 0, 43.9, 35.7],
  [0, -9.1, -13.3, 11.7, 8.9],
  [1, 33.1, 27.2, 61.3, 50.1],
  [0, 100.3, 2.1, 120.7, 9.4],
  [1, 17.3, 13.1, 17.3, 13.1],
  [0, 25.2, 21.9, 11.1, 9.8],
  [1, 10.1, 12.3, 13.4, 30.6],
];

const flat = (regions: readonly Region[]) => Float32Array.from(regions.flat());

const alignments = [true, false].flatMap((aligned) =>
  [0, 1, 2, 3].map((samplingRatio) => ({ aligned, samplingRatio })),
);

const cases: Case[] = [
  ...alignments.map((alignment, index): Case => {
    const options = { size: [3, 2] as const, scale: 1 / 4, ...alignment };
    const channels = [1, 3, 5, 8][index % 4]!;
    return {
      title: `roiAlign, ${channels} channels, ${JSON.stringify(options)}`,
      shapes: { x: [2, 9, 11, channels] },
      run: ({ x }) => ops.roiAlign(x as tf.Tensor4D, flat(regions), options),
      reference: ({ x }) => reference.roiAlign(x!, regions, options),
    };
  }),
  ...[1, 3, 8].map((channels): Case => {
    const options = { size: [2, 3] as const, scale: 1 / 4 };
    return {
      title: `roiMaxPool, ${channels} channels`,
      shapes: { x: [2, 9, 11, channels] },
      run: ({ x }) => ops.roiMaxPool(x as tf.Tensor4D, flat(regions), options),
      reference: ({ x }) => reference.roiMaxPool(x!, regions, options),
      offset: { x: -3 },
    };
  }),
  ...[
    { x: [2, 3, 5, 4], size: [6, 10] as const },
    { x: [1, 4, 3, 3], size: [7, 5] as const },
    { x: [1, 5, 6, 1], size: [5, 6] as const },
    { x: [2, 7, 4, 5], size: [3, 9] as const },
  ].map(
    ({ x, size }): Case => ({
      title: `upsampleNearest [${x}] to ${size}`,
      shapes: { x },
      run: ({ x }) => ops.upsampleNearest(x as tf.Tensor4D, size),
      reference: ({ x }) => reference.upsampleNearest(x!, size),
    }),
  ),
];

describeOperations('regions', cases, () => {
  const map = () =>
    tf.tensor4d(
      Float32Array.from({ length: 16 }, (_, index) => index),
      [1, 4, 4, 1],
    );
  const once = (...box: [number, number, number, number]) => Float32Array.of(0, ...box);

  it.each<[[number, number, number, number], Partial<ops.RoiAlignOptions>, number[]]>([
    [[0, 0, 4, 4], {}, [5, 6.75, 12, 13.75]],
    [[0, 0, 4, 4], { aligned: true }, [2.5, 4.5, 10.5, 12.5]],
    [[1, 1, 3, 3], {}, [7.5, 8.5, 11.5, 12.5]],
    [[1, 1, 3, 3], { aligned: true }, [5, 6, 9, 10]],
    [[3, 3, 6, 6], {}, [3.75, 0, 0, 0]],
    [[10, 10, 12, 12], {}, [0, 0, 0, 0]],
    [[1, 1, 1, 1], { size: [1, 1] }, [7.5]],
    [[1, 1, 1, 1], { size: [1, 1], aligned: true }, [2.5]],
    [[1, 1, 1, 1], { size: [1, 1], aligned: true, samplingRatio: 0 }, [0]],
  ])('roiAlign of (%s) with %o is %o', async (box, options, expected) => {
    const all = { size: [2, 2] as const, scale: 1, samplingRatio: 2, aligned: false, ...options };
    const y = tf.tidy(() => ops.roiAlign(map(), once(...box), all));
    expect([...(await y.data())]).toEqual(expected);
    y.dispose();
  });

  it('roiAlign shares its gradient out by the weights of samples', async () => {
    const options = { size: [2, 2] as const, scale: 1, samplingRatio: 2, aligned: false };
    const gradient = tf.grad((x) => tf.sum(ops.roiAlign(x as tf.Tensor4D, once(1, 1, 3, 3), options)));
    const dx = tf.tidy(() => gradient(map()));
    expect([...(await dx.data())]).toEqual(
      [
        [0, 0, 0, 0],
        [0, 0.25, 0.5, 0.25],
        [0, 0.5, 1, 0.5],
        [0, 0.25, 0.5, 0.25],
      ].flat(),
    );
    dx.dispose();
  });

  it.each<[[number, number, number, number], number, number[]]>([
    [[0, 0, 3, 3], 1, [5, 7, 13, 15]],
    [[0, 0, 2, 2], 1, [5, 6, 9, 10]],
    [[10, 10, 12, 12], 1, [0, 0, 0, 0]],
    [[-9, -9, -7, -7], 1, [0, 0, 0, 0]],
    [[0, 0, 24, 24], 1 / 16, [5, 6, 9, 10]],
  ])('roiMaxPool of (%s) at scale %d is %o', async (box, scale, expected) => {
    const y = tf.tidy(() => ops.roiMaxPool(map(), once(...box), { size: [2, 2], scale }));
    expect([...(await y.data())]).toEqual(expected);
    y.dispose();
  });

  it('roiMaxPool gives the gradient to the first of several largest values, also to one that two cells share', async () => {
    const x = tf.tensor4d([2, 2, 1, 2, 2, 1, 0, 0, -1], [1, 3, 3, 1]);
    const options = { size: [2, 2] as const, scale: 1 };
    const dy = tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]);
    const gradient = tf.grad((x) => ops.roiMaxPool(x as tf.Tensor4D, once(0, 0, 2, 2), options));
    const dx = tf.tidy(() => gradient(x, dy));
    expect([...(await dx.data())]).toEqual([1, 10, 0, 100, 1000, 0, 0, 0, 0]);
    tf.dispose([x, dy, dx]);
  });

  it('takes no regions', async () => {
    const options = { size: [3, 2] as const, scale: 1, samplingRatio: 2, aligned: false };
    for (const operation of [
      (x: tf.Tensor) => ops.roiAlign(x as tf.Tensor4D, new Float32Array(), options),
      (x: tf.Tensor) => ops.roiMaxPool(x as tf.Tensor4D, new Float32Array(), options),
    ]) {
      const { y, dx } = tf.tidy(() => ({
        y: operation(map()),
        dx: tf.grad(operation)(map(), tf.zeros([0, 3, 2, 1])),
      }));
      expect(y.shape).toEqual([0, 3, 2, 1]);
      expect([...(await dx.data())]).toEqual(Array.from({ length: 16 }, () => 0));
      tf.dispose([y, dx]);
    }
  });

  it('leaves no buffers behind', async () => {
    const options = { size: [3, 2] as const, scale: 1 / 4, samplingRatio: 2, aligned: false };
    const x = tf.ones([2, 9, 11, 4]) as tf.Tensor4D;
    const buffers = () => tf.backend().numDataIds();
    for (const operation of [
      (x: tf.Tensor) => ops.roiAlign(x as tf.Tensor4D, flat(regions), options),
      (x: tf.Tensor) => ops.roiMaxPool(x as tf.Tensor4D, flat(regions), options),
      (x: tf.Tensor) => ops.upsampleNearest(x as tf.Tensor4D, [18, 22]),
    ]) {
      const before = buffers();
      const dx = tf.tidy(() => tf.grad(operation)(x, tf.onesLike(operation(x))));
      await dx.data();
      dx.dispose();
      expect(buffers()).toBe(before);
    }
    x.dispose();
  });

  it.each([
    ['an image that is not there', [1, 0, 0, 2, 2]],
    ['an image before the first', [-1, 0, 0, 2, 2]],
    ['half an image', [0.5, 0, 0, 2, 2]],
    ['no number', [0, 0, Number.NaN, 2, 2]],
    ['infinity', [0, 0, 0, Infinity, 2]],
    ['a region far away', [0, 0, 0, 2, 1e30]],
    ['four numbers', [0, 0, 0, 2]],
  ])('refuses %s', (_, numbers) => {
    const before = tf.memory().numTensors;
    const [x, region] = [map(), Float32Array.from(numbers)];
    const options = { size: [2, 2] as const, scale: 1, samplingRatio: 2, aligned: false };
    const invalid = expect.objectContaining({ code: 'INPUT_INVALID' });
    expect(() => ops.roiAlign(x, region, options)).toThrow(invalid);
    expect(() => ops.roiMaxPool(x, region, options)).toThrow(invalid);
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    { size: [0, 2] as const },
    { size: [2, 1e9] as const },
    { scale: 0 },
    { scale: Number.NaN },
    { samplingRatio: -1 },
    { samplingRatio: 1.5 },
  ])('refuses %o', (wrong) => {
    const x = map();
    const options = { size: [2, 2] as const, scale: 1, samplingRatio: 2, aligned: false, ...wrong };
    const run = () => ops.roiAlign(x, once(0, 0, 2, 2), options);
    expect(run).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    x.dispose();
  });
});
