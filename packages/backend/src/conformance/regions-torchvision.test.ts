import { hashOf, uniform } from '@resnet/testing';
import { backendsUnderTest, useBackendUnderTest } from '@resnet/testing/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/roi.json' with { type: 'json' };
import * as ops from '../ops/index.js';

/** Some values of a tensor, evenly spread, and the sum of all. */
interface Summary {
  step: number;
  values: number[];
  sum: number;
}

/** What scripts/fixtures/roi.py makes as well. */
function numbers(name: string, shape: number[]): tf.Tensor4D {
  const hash = hashOf(name);
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, index) => uniform(hash, index));
  return tf.tensor4d(values, shape as tf.Tensor4D['shape']);
}

const flat = (regions: number[][]) => Float32Array.from(regions.flat());
const sizeOf = ({ size }: { size: number[] }) => size as [number, number];

async function expectSame(tensor: tf.Tensor, { step, values, sum }: Summary): Promise<void> {
  const found = await tensor.data<'float32'>();
  const largest = Math.max(1, ...values.map(Math.abs));
  for (const [index, value] of values.entries()) {
    expect(Math.abs(found[index * step]! - value), `value ${index * step}`).toBeLessThan(3e-6 * largest);
  }
  const total = found.reduce((total, value) => total + Math.abs(value), 0);
  expect(Math.abs(found.reduce((sum, value) => sum + value, 0) - sum)).toBeLessThan(1e-6 * (total + 1));
}

describe.each(backendsUnderTest)('as torchvision on $label', (underTest) => {
  useBackendUnderTest(underTest);

  async function compare(
    given: { name: string; shape: number[]; y: Summary; dx: Summary },
    run: (x: tf.Tensor4D) => tf.Tensor4D,
  ): Promise<void> {
    const before = tf.memory().numTensors;
    const { y, dx } = tf.tidy(() => {
      const x = numbers(`${given.name} x`, given.shape);
      const y = run(x);
      return { y, dx: tf.grad((x) => run(x as tf.Tensor4D))(x, numbers(`${given.name} dy`, y.shape)) };
    });
    await expectSame(y, given.y);
    await expectSame(dx, given.dx);
    tf.dispose([y, dx]);
    expect(tf.memory().numTensors).toBe(before);
  }

  it.each(fixture.align)(
    'roiAlign: $shape to $size, scale $scale, sampling ratio $samplingRatio, aligned $aligned',
    async (given) => {
      const { scale, samplingRatio, aligned } = given;
      const options = { size: sizeOf(given), scale, samplingRatio, aligned };
      await compare(given, (x) => ops.roiAlign(x, flat(given.regions), options));
    },
  );

  it.each(fixture.pool)('roiMaxPool: $shape to $size, scale $scale', async (given) => {
    const options = { size: sizeOf(given), scale: given.scale };
    await compare(given, (x) => ops.roiMaxPool(x, flat(given.regions), options));
  });

  it('upsampleNearest has the same pixels, also where float32 is not exact', async () => {
    const { most, inexact } = fixture.nearest;
    const sizes = new Map<string, Map<number, number>>();
    for (const [from, to, index, pixel] of inexact as [number, number, number, number][]) {
      const key = `${from} ${to}`;
      sizes.set(key, (sizes.get(key) ?? new Map<number, number>()).set(index, pixel));
    }
    // All sizes that are not exact, and as many others.
    for (let from = 1; from <= most; from += 5) sizes.set(`${from} ${most + 1 - from}`, new Map());
    for (const [key, others] of sizes) {
      const [from, to] = key.split(' ').map(Number) as [number, number];
      const y = tf.tidy(() => ops.upsampleNearest(tf.reshape(tf.range(0, from), [1, 1, from, 1]), [1, to]));
      const expected = Array.from({ length: to }, (_, i) => others.get(i) ?? Math.floor((i * from) / to));
      expect([...(await y.data())], `${from} to ${to}`).toEqual(expected);
      y.dispose();
    }
  });
});
