import { roiAlign, roiMaxPool, upsampleNearest, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';

const shape: [number, number, number, number] = [2, 9, 11, 5];
/** Inside, across a border, outside, and of one pixel. */
const regions = Float32Array.from(
  [
    [0, 1, 1, 20, 30],
    [1, 5, 6, 40, 33],
    [0, -10, -10, 12, 15],
    [1, 60, 60, 70, 70],
    [0, 1, 1, 2, 2],
  ].flat(),
);
const grid = { size: [3, 2] as const, scale: 1 / 4 };

type Operation = (x: tf.Tensor) => tf.Tensor;
const operations: Record<string, Operation> = {
  roiAlign: (x) => roiAlign(x as tf.Tensor4D, regions, { ...grid, samplingRatio: 2, aligned: true }),
  roiMaxPool: (x) => roiMaxPool(x as tf.Tensor4D, regions, grid),
  upsampleNearest: (x) => upsampleNearest(x as tf.Tensor4D, [18, 25]),
};

const wave = (size: number[], frequency: number) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(size) }, (_, i) => Math.sin(frequency * i)),
    size,
  );

/** Values and gradients of each operation, and how many tensors are left; a test runs it on a page and in Node. */
export async function regionOperations(
  backendName: 'cpu' | 'webgl',
): Promise<{ results: Record<string, number[]>; left: number }> {
  const backend = await useBackend(backendName);
  const results: Record<string, number[]> = {};
  for (const [name, operation] of Object.entries(operations)) {
    const [y, dx] = tf.tidy(() => {
      const x = wave(shape, 7);
      const y = operation(x);
      return [y, tf.grad(operation)(x, wave(y.shape, 3))];
    }) as [tf.Tensor, tf.Tensor];
    results[name] = [...(await y.data())];
    results[`gradient of ${name}`] = [...(await dx.data())];
    tf.dispose([y, dx]);
  }
  const left = tf.memory().numTensors;
  backend.dispose();
  return { results, left };
}
