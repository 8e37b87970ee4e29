import { type Backend, useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type Image } from '@resnet/data';
import { multiScaleView, predict } from '@resnet/eval';
import { type Classifier, create, prepare } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('the fully convolutional test', { timeout: 300_000 }, () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend('wasm');
  });
  afterAll(() => backend.dispose());

  async function prepared(name: string): Promise<Classifier> {
    const network = create(name, { initialize: false });
    const classifier = await prepare(network);
    network.dispose();
    return classifier;
  }

  function photograph(height: number, width: number): Image {
    const random = new Random(1);
    const pixels = Uint8Array.from({ length: height * width * 3 }, () => random.int(256));
    return { pixels, height, width, channels: 3 };
  }

  const testAt = (classifier: Classifier, image: Image, side: number) =>
    predict(classifier, image, {
      normalization: IMAGENET_NORMALIZATION,
      view: multiScaleView({ shorterSides: [side] }),
    });

  it('leaks nothing over 100 images', async () => {
    const classifier = await prepared('resnet20');
    const image = photograph(60, 90);
    const heaps: number[] = [];
    const before = tf.memory().numTensors;
    for (let round = 0; round < 100; round++) {
      await testAt(classifier, image, 32 + (round % 7));
      heaps.push(backend.memory().heapBytes);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(heaps.at(-1)).toBe(heaps[20]);
    classifier.dispose();
  });

  it('takes less than 1.5 GB for ResNet-152 on an image of 640 × 853 pixels', async () => {
    const classifier = await prepared('resnet152');
    await testAt(classifier, photograph(640, 853), 640);
    const { heapBytes } = backend.memory();
    console.log(
      `heap ${(heapBytes / 1e6).toFixed(0)} MB, process ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`,
    );
    expect(heapBytes).toBeLessThan(1.5e9);
    classifier.dispose();
  });
});
