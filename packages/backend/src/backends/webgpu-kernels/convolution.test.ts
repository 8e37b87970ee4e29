import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../conformance/difference-of.js';
import { type Array64, array64 } from '../../conformance/reference.js';
import { checkTensors, limitOf, normals, tensorOf, useWebgpu } from './test-support.js';

type Shape = [number, number, number, number];
type Padding = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

interface Case {
  x: Shape;
  filter: Shape;
  strides: [number, number];
  pad: Padding;
  dilations?: [number, number];
  dimRoundingMode?: 'ceil' | 'floor';
}

/** Each is for a part of the kernels: tiles of all sizes, windows of one tap, sums with tails, and outputs rounded up. */
const chosen: Case[] = [
  { x: [1, 181, 181, 4], filter: [1, 1, 4, 64], strides: [1, 1], pad: 0 },
  { x: [1, 181, 181, 8], filter: [1, 1, 8, 32], strides: [1, 1], pad: 0 },
  { x: [1, 187, 186, 4], filter: [2, 2, 4, 16], strides: [1, 1], pad: 'same' },
  { x: [4, 16, 16, 16], filter: [3, 3, 16, 40], strides: [1, 1], pad: 1 },
  { x: [3, 17, 15, 3], filter: [7, 7, 3, 20], strides: [2, 2], pad: 3 },
  { x: [2, 9, 9, 70], filter: [1, 1, 70, 33], strides: [1, 1], pad: 0 },
  { x: [5, 9, 8, 128], filter: [1, 1, 128, 64], strides: [2, 2], pad: 0 },
  { x: [2, 8, 8, 64], filter: [3, 3, 64, 64], strides: [1, 1], pad: 1 },
  { x: [1, 7, 7, 128], filter: [3, 3, 128, 128], strides: [2, 2], pad: 1 },
  { x: [2, 4, 4, 12], filter: [1, 1, 12, 24], strides: [1, 1], pad: 2 },
  { x: [2, 6, 8, 4], filter: [3, 3, 4, 8], strides: [2, 2], pad: 0, dimRoundingMode: 'ceil' },
];

const CHANNELS = [1, 2, 3, 4, 5, 8, 12, 16, 20, 31, 32, 64, 67];

function generated(seed: number): Case {
  const random = new Random(seed);
  const upTo = (most: number) => 1 + random.int(most);
  const channels = () => CHANNELS[random.int(CHANNELS.length)]!;
  const [inChannels, outChannels] = [channels(), channels()];
  const filter: Shape = [upTo(4), upTo(4), inChannels, outChannels];
  const dilations: [number, number] = random.uniform() < 0.3 ? [upTo(3), upTo(3)] : [1, 1];
  const reach = filter.slice(0, 2).map((size, axis) => dilations[axis]! * (size! - 1) + 1);
  const x: Shape = [upTo(4), reach[0]! + upTo(16) - 1, reach[1]! + upTo(16) - 1, inChannels];
  const sides = Array.from({ length: 4 }, () => upTo(4) - 1) as Shape;
  const explicit: Padding = [
    [0, 0],
    [sides[0], sides[1]],
    [sides[2], sides[3]],
    [0, 0],
  ];
  const pad = ([explicit, explicit, 'same', 'valid'] as const)[upTo(4) - 1]!;
  return { x, filter, strides: [upTo(3), upTo(3)], pad, dilations };
}

describe('convolutions on webgpu', () => {
  useWebgpu();
  checkTensors();

  const cases = [...chosen, ...Array.from({ length: 40 }, (_, seed) => generated(seed))];
  it.each(cases)(
    'filters $filter on $x, strides $strides, padding $pad, dilations $dilations',
    async (given) => {
      const info = infoOf(given);
      const random = new Random(15);
      const [x, filter] = [normals(random, given.x), normals(random, given.filter)];
      const y = array64(info.outShape);
      eachProduct(info, (ofX, ofFilter, ofY) => {
        y.data[ofY]! += x.data[ofX]! * filter.data[ofFilter]!;
      });
      const result = run('Conv2D', { x, filter }, given);
      expect(await differenceOf(result, y)).toBeLessThan(3e-6);
      result.dispose();
    },
  );

  it.each(cases)('gradients of filters $filter on $x, strides $strides, padding $pad', async (given) => {
    // tfjs's gradients know no dilations.
    const { dilations: _, ...attributes } = given;
    const info = infoOf(attributes);
    const random = new Random(16);
    const [x, filter] = [normals(random, given.x), normals(random, given.filter)];
    const dy = normals(random, info.outShape);
    const [dx, dFilter] = [array64(given.x), array64(given.filter)];
    eachProduct(info, (ofX, ofFilter, ofY) => {
      dx.data[ofX]! += dy.data[ofY]! * filter.data[ofFilter]!;
      dFilter.data[ofFilter]! += dy.data[ofY]! * x.data[ofX]!;
    });
    const ofInput = run('Conv2DBackpropInput', { dy, filter }, { ...attributes, inputShape: given.x });
    expect(await differenceOf(ofInput, dx)).toBeLessThan(3e-6);
    const ofFilter = run('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: given.filter });
    expect(await differenceOf(ofFilter, dFilter)).toBeLessThan(5e-6);
    tf.dispose([ofInput, ofFilter]);
  });

  it('gives the same bits each time, and with workgroups in rows', async () => {
    const given = { x: [9, 20, 20, 16], filter: [3, 3, 16, 16], strides: [1, 1], pad: 1 } as Case;
    const info = infoOf(given);
    const random = new Random(17);
    const [x, filter] = [normals(random, given.x), normals(random, given.filter)];
    const dy = normals(random, info.outShape);
    const all = async () => {
      const results = [
        run('Conv2D', { x, filter }, given),
        run('Conv2DBackpropInput', { dy, filter }, { ...given, inputShape: given.x }),
        run('Conv2DBackpropFilter', { x, dy }, { ...given, filterShape: given.filter }),
      ];
      const bits = await Promise.all(results.map((tensor) => tensor.data()));
      tf.dispose(results);
      return bits;
    };
    const first = await all();
    expect(await all()).toEqual(first);
    limitOf('maxComputeWorkgroupsPerDimension', 5);
    expect(await all()).toEqual(first);
  });

  it('keeps what is not finite to the outputs that it is part of', async () => {
    // Sums end with zeros, for channels that are no multiple of four and to fill the last step.
    const x = array64([1, 3, 3, 5], (index) => (index < 5 ? NaN : 1));
    const filter = array64([3, 3, 5, 3], () => 1);
    const given: Case = { x: [1, 3, 3, 5], filter: [3, 3, 5, 3], strides: [1, 1], pad: 1 };
    const y = await numbersOf(run('Conv2D', { x, filter }, given));
    expect(y.slice(0, 3)).toEqual([NaN, NaN, NaN]);
    expect(y.slice(-3)).toEqual([20, 20, 20]);
    const dy = array64([1, 3, 3, 3], (index) => (index < 3 ? NaN : 1));
    const dx = await numbersOf(run('Conv2DBackpropInput', { dy, filter }, { ...given, inputShape: given.x }));
    expect([dx.at(0), dx.at(-1)]).toEqual([NaN, 12]);
    const ones = array64([1, 3, 3, 3], () => 1);
    const dFilter = await numbersOf(
      run('Conv2DBackpropFilter', { x, dy: ones }, { ...given, filterShape: given.filter }),
    );
    const tap = (row: number, column: number) => dFilter.slice(15 * (3 * row + column)).slice(0, 15);
    expect(tap(1, 1)).toEqual(Array(15).fill(NaN));
    // The upper right tap never meets the first pixel.
    expect(tap(0, 2)).toEqual(Array(15).fill(4));
  });

  it('leaves other layouts and activations to tfjs', async () => {
    const x = tf.ones([1, 2, 3, 4]);
    const filter = tf.fill([1, 1, 2, 1], -1);
    const geometry = { strides: [1, 1], pad: 'valid', dilations: [1, 1] };
    const first = tf
      .engine()
      .runKernel('Conv2D', { x, filter }, { ...geometry, dataFormat: 'NCHW' }) as tf.Tensor;
    expect(first.shape).toEqual([1, 1, 3, 4]);
    expect(await numbersOf(first)).toEqual(Array(12).fill(-2));
    const other = tf.ones([1, 2, 2, 2]);
    const second = tf
      .engine()
      .runKernel(
        'FusedConv2D',
        { x: other, filter },
        { ...geometry, dataFormat: 'NHWC', activation: 'leakyrelu', leakyreluAlpha: 0.5 },
      ) as tf.Tensor;
    expect(await numbersOf(second)).toEqual(Array(4).fill(-1));
    tf.dispose([x, filter, other]);
  });
});

const infoOf = ({ x, filter, strides, dilations = [1, 1], pad, dimRoundingMode }: Case) =>
  tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, dimRoundingMode);

/** Runs a kernel with tensors of these values. */
function run(kernel: string, values: Record<string, Array64>, attributes: object): tf.Tensor {
  const inputs = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensorOf(value)]));
  const result = tf
    .engine()
    .runKernel(kernel, inputs, { dataFormat: 'NHWC', ...attributes } as object as tf.NamedAttrMap);
  tf.dispose(inputs);
  return result as tf.Tensor;
}

/** The values of a tensor, which is disposed. */
async function numbersOf(tensor: tf.Tensor): Promise<number[]> {
  const values = await tensor.data();
  tensor.dispose();
  return [...values];
}

/** For every product of a convolution: where it takes its factors from, and the sum that it belongs to. */
function eachProduct(
  info: tf.backend_util.Conv2DInfo,
  visit: (ofX: number, ofFilter: number, ofY: number) => void,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterWidth, padInfo } = info;
  for (let pixel = 0; pixel < info.batchSize * outHeight * outWidth; pixel++) {
    const [image, row] = [Math.floor(pixel / outWidth / outHeight), Math.floor(pixel / outWidth) % outHeight];
    for (let tap = 0; tap < info.filterHeight * filterWidth; tap++) {
      const y = row * info.strideHeight + Math.floor(tap / filterWidth) * info.dilationHeight - padInfo.top;
      const z =
        (pixel % outWidth) * info.strideWidth + (tap % filterWidth) * info.dilationWidth - padInfo.left;
      if (y < 0 || z < 0 || y >= inHeight || z >= inWidth) continue;
      for (let channel = 0; channel < inChannels; channel++) {
        const ofX = ((image * inHeight + y) * inWidth + z) * inChannels + channel;
        for (let out = 0; out < outChannels; out++) {
          visit(ofX, (tap * inChannels + channel) * outChannels + out, pixel * outChannels + out);
        }
      }
    }
  }
}
