import { type Backend, useBackend } from '@resnet/backend';
import { gridAnchors, makeAnchors } from '@resnet/boxes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { detectorInput, scaledSize } from './image-input.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

const sides = { shorterSide: 800, longestSide: 1333 };
const normalization = { mean: Float32Array.of(0.5), std: Float32Array.of(0.5) };

it.each([
  [480, 640, 800, 1066],
  [334, 500, 799, 1197],
  [600, 1200, 666, 1333],
  [1, 5000, 1, 1333],
])('scales %i × %i to %i × %i', (height, width, toHeight, toWidth) => {
  expect(scaledSize(height, width, sides)).toEqual([toHeight, toWidth]);
});

it('pads with zeros at the right and at the bottom to multiples of 32', () => {
  const image = (height: number, width: number) => ({
    ...{ height, width, channels: 1 },
    pixels: new Uint8Array(height * width).fill(255),
  });
  const sizes = [[40, 20] as const, [10, 33] as const];
  const { images } = detectorInput([image(40, 20), image(10, 33)], sizes, normalization);
  expect(images.shape).toEqual([2, 64, 64, 1]);
  const values = images.dataSync();
  const at = (index: number, y: number, x: number) => values[(index * 64 + y) * 64 + x];
  expect([at(0, 0, 0), at(0, 39, 19), at(0, 40, 0), at(0, 0, 20)]).toEqual([1, 1, 0, 0]);
  expect([at(1, 9, 32), at(1, 10, 0), at(1, 0, 33)]).toEqual([1, 0, 0]);
  images.dispose();
});

it('has torchvision’s anchors of an input of 800 × 1088', () => {
  const cells = makeAnchors({ sizes: [32], ratios: [0.5, 1, 2] });
  let count = 0;
  for (const stride of [4, 8, 16, 32, 64]) {
    const [rows, columns] = [Math.ceil(800 / stride), Math.ceil(1088 / stride)];
    const [strideY, strideX] = [Math.floor(800 / rows), Math.floor(1088 / columns)];
    if (stride === 64) expect([rows, columns, strideY, strideX]).toEqual([13, 17, 61, 64]);
    count += gridAnchors(cells, { rows, columns, strideY, strideX }).length / 4;
  }
  expect(count).toBe(217_413);
});
