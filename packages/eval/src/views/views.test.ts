import { Random } from '@resnet/core';
import { crop, IMAGENET_NORMALIZATION, type Image, resizeShorterSide, scaledCenterCrop } from '@resnet/data';
import { imageFolder } from '@resnet/data/node';
import { imagenetSamples, noImagenetSamples } from '@resnet/testing';
import { useOneBackend, valuesOf } from '@resnet/testing/backends';
import { create, features, fuse, type Network, toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, multiScaleView, predict, singleView, tenCropView, type View } from '../index.js';
import { softmax } from '../metrics/scores.js';

useOneBackend();
let network: Network;
beforeAll(async () => {
  network = create('resnet18', { seed: 3, classes: 20 });
  network.setTraining(false);
});
afterAll(() => {
  network.dispose();
});

const normalization = IMAGENET_NORMALIZATION;

function noise(height: number, width: number): Image {
  const random = new Random(height * width);
  // Smooth, so that neighboring crops differ and rescaling does not make it gray.
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, index) => {
    const [row, column] = [Math.floor(index / 3 / width), Math.floor(index / 3) % width];
    return 128 + 90 * Math.sin(row / 17 + (index % 3)) * Math.cos(column / 23) + random.int(30);
  });
  return { pixels, height, width, channels: 3 };
}

function mirror({ pixels, height, width, channels }: Image): Image {
  const result = new Uint8Array(pixels.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < channels; channel++)
        result[(row * width + column) * channels + channel] =
          pixels[(row * width + width - 1 - column) * channels + channel]!;
  return { pixels: result, height, width, channels };
}

const tensorOf = ({ pixels, height, width, channels }: Image) =>
  toTensor({ images: pixels, count: 1, height, width, channels }, normalization);

/** Logits of one image of the network's size. */
async function logitsOf(image: Image): Promise<number[]> {
  return Array.from(await valuesOf(() => network.forward(tensorOf(image))));
}

/** Of a larger image: the pooling and the last layer at each position of its maps, one after another. */
async function slidLogitsOf(image: Image): Promise<number[][]> {
  const positions = tf.tidy(() => {
    const { layer4 } = features(network, tensorOf(image), ['layer4']);
    const [, height, width, channels] = layer4.shape as [number, number, number, number];
    const found: tf.Tensor2D[] = [];
    for (let top = 0; top + 7 <= height; top++) {
      for (let left = 0; left + 7 <= width; left++) {
        const window = tf.slice(layer4 as tf.Tensor4D, [0, top, left, 0], [1, 7, 7, channels]);
        found.push(network.fc.forward(tf.mean(window, [1, 2]) as tf.Tensor2D));
      }
    }
    return found;
  });
  const logits = await Promise.all(positions.map(async (position) => Array.from(await position.data())));
  tf.dispose(positions);
  return logits;
}

const meanOf = (rows: readonly number[][]) =>
  rows[0]!.map((_, index) => rows.reduce((total, row) => total + row[index]!, 0) / rows.length);

/** Written from the definition: one crop at a time, each of one position. */
function tenCropReference(image: Image): Promise<number[][][]> {
  const scaled = resizeShorterSide(256)(image, new Random(0));
  const [bottom, right] = [scaled.height - 224, scaled.width - 224];
  const corners = [
    [0, 0],
    [0, right],
    [bottom, 0],
    [bottom, right],
    [roundHalfToEven(bottom / 2), roundHalfToEven(right / 2)],
  ] as const;
  return Promise.all(
    [scaled, mirror(scaled)].flatMap((source) =>
      corners.map(async ([top, left]) => [
        await logitsOf(crop(source, { top, left, height: 224, width: 224 })),
      ]),
    ),
  );
}

const roundHalfToEven = (value: number) =>
  value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);

/** Places of each image, each image of one scale, mirrored or not. */
function multiScaleReference(image: Image, sides: readonly number[]): Promise<number[][][]> {
  const references = sides.flatMap((side) => {
    const scaled = resizeShorterSide(side)(image, new Random(0));
    return [slidLogitsOf(scaled), slidLogitsOf(mirror(scaled))];
  });
  return Promise.all(references);
}

/** The largest difference of a probability, by either way of averaging. */
async function compare(image: Image, view: View, reference: readonly number[][][]): Promise<number> {
  const fused = fuse(network);
  let largest = 0;
  for (const averaging of ['softmax', 'logits'] as const) {
    const before = tf.memory().numTensors;
    const found = await predict(fused, image, { normalization, view, averaging, top: 20 });
    expect(tf.memory().numTensors).toBe(before);
    const probabilitiesOf = (logits: number[]) => Array.from(softmax(Float64Array.from(logits)));
    const expected =
      averaging === 'logits'
        ? probabilitiesOf(meanOf(reference.map(meanOf)))
        : meanOf(reference.map((positions) => meanOf(positions.map(probabilitiesOf))));
    for (const { index, probability } of found) {
      largest = Math.max(largest, Math.abs(probability - expected[index]!));
    }
  }
  fused.dispose();
  return largest;
}

describe('views', () => {
  it('averages ten crops as the definition says', async () => {
    for (const image of [noise(301, 257), noise(240, 411)]) {
      expect(await compare(image, tenCropView(), await tenCropReference(image))).toBeLessThan(1e-5);
    }
  });

  it('slides the classifier over whole images at several scales', async () => {
    const shorterSides = [224, 288];
    for (const image of [noise(240, 250), noise(330, 224)]) {
      const reference = await multiScaleReference(image, shorterSides);
      expect(await compare(image, multiScaleView({ shorterSides }), reference)).toBeLessThan(1e-5);
    }
  });

  it.skipIf(noImagenetSamples)(
    `does the same on real images of many sizes${noImagenetSamples}`,
    { timeout: 120_000 },
    async () => {
      const set = await imageFolder(imagenetSamples);
      for (let index = 0; index < set.count; index += 40) {
        const image = await set.read(index);
        const crops = await compare(image, tenCropView(), await tenCropReference(image));
        const shorterSides = [224, 288];
        const reference = await multiScaleReference(image, shorterSides);
        const scales = await compare(image, multiScaleView({ shorterSides }), reference);
        expect(Math.max(crops, scales)).toBeLessThan(1e-5);
      }
    },
  );

  it('is what an evaluation of a set of images of many sizes uses', async () => {
    const images = [noise(230, 260), noise(300, 231), noise(256, 256)];
    const set = {
      name: 'noise',
      count: 3,
      classes: Array.from({ length: 20 }, (_, index) => `class ${index}`),
      labels: Int32Array.of(4, 0, 19),
      read: async (index: number) => images[index]!,
    };
    const fused = fuse(network);
    for (const view of [
      singleView(scaledCenterCrop()),
      tenCropView(),
      multiScaleView({ shorterSides: [224] }),
    ]) {
      const { loss, count } = await evaluate(fused, set, { normalization, view });
      let expected = 0;
      for (const [index, image] of images.entries()) {
        const predictions = await predict(fused, image, { normalization, view, top: 20 });
        expected -= Math.log(predictions.find((found) => found.index === set.labels[index])!.probability) / 3;
      }
      expect(count).toBe(3);
      expect(loss).toBeCloseTo(expected, 6);
    }
    fused.dispose();
  });

  it('refuses what it cannot do', async () => {
    for (const shorterSides of [[100_000], [0.5 / 0], new Array<number>(100).fill(224)]) {
      expect(() => multiScaleView({ shorterSides })).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    }
    const view = multiScaleView();
    await expect(predict(network, noise(224, 224), { normalization, view })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
    for (const wrong of [
      () => tenCropView({ shorterSide: 223 }),
      () => multiScaleView({ shorterSides: [] }),
      () => multiScaleView({ shorterSides: [0.5] }),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    }
  });
});
