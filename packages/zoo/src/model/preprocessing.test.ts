import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type Image } from '@resnet/data';
import { decodeImageFile } from '@resnet/data/node';
import { imagenetSamples, noImagenetSamples } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkNormalization, create, openModel, packModel, preprocessor } from '../index.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('cpu');
});
afterAll(() => backend.dispose());

// Made by torchvision: scripts/fixtures/ten-crop.py of @resnet/data.
const fixture: { cases: { file: string; crops: string[] }[] } = JSON.parse(
  readFileSync(new URL('../../../data/fixtures/ten-crop.json', import.meta.url), 'utf8'),
);
/** The middle one of the five crops. */
const MIDDLE = 4;

const small = (options = {}) => create('resnet18', { classes: 2, initialize: false, ...options });
/** Red increases down, green to the right. */
const slopes: Image = {
  ...{ height: 300, width: 400, channels: 3 },
  pixels: Uint8Array.from({ length: 300 * 400 * 3 }, (_, place) => {
    const pixel = Math.floor(place / 3);
    return [Math.floor(pixel / 400) * 0.8, (pixel % 400) * 0.6, 7][place % 3]!;
  }),
};
const seen = (model: Parameters<typeof preprocessor>[0]) => preprocessor(model)(slopes, new Random(0));

describe('the preprocessing of a model', () => {
  it.skipIf(noImagenetSamples)(
    `is torchvision's for networks for ImageNet, to the byte${noImagenetSamples}`,
    async () => {
      const network = small();
      const fit = preprocessor({ network });
      network.dispose();
      for (const { file, crops } of fixture.cases.slice(0, 20)) {
        const { pixels } = fit(await decodeImageFile(join(imagenetSamples, file)), new Random(0));
        expect(createHash('sha256').update(pixels).digest('hex').slice(0, 16), file).toBe(crops[MIDDLE]);
      }
    },
  );

  it('shows small networks all that they can see, and others the middle', () => {
    const cifar = create('resnet20', { initialize: false });
    const image = seen({ network: cifar });
    expect(image).toMatchObject({ height: 32, width: 32, channels: 3 });
    // From the first row to the last, without the sides.
    expect([image.pixels[0]! < 8, image.pixels.at(-3)! > 230, image.pixels[1]! > 25]).toEqual([
      true,
      true,
      true,
    ]);
    cifar.dispose();
    const network = small({ imageSize: 112 });
    const middle = seen({ network });
    expect(middle).toMatchObject({ height: 112, width: 112 });
    expect([middle.pixels[0]! > 12, middle.pixels.at(-3)! < 228]).toEqual([true, true]);
    network.dispose();
  });

  it('makes gray images for networks that take them', () => {
    const network = create('resnet20', { inChannels: 1, initialize: false });
    const image = seen({ network });
    expect(image).toMatchObject({ height: 32, width: 32, channels: 1 });
    expect(image.pixels).toHaveLength(1024);
    network.dispose();
  });

  it('is written into the file with the size, and scaled where another size is asked for', async () => {
    const network = small({ imageSize: 64 });
    const described = { network, preprocessing: { shorterSide: 72, filter: 'bicubic' } } as const;
    const { tensors, metadata } = await packModel(described);
    const weights = { format: 'safetensors', tensors, metadata } as const;
    const model = openModel(weights);
    expect(model.network.architecture.imageSize).toBe(64);
    expect(model.network.inputShape).toEqual([64, 64, 3]);
    expect(model.preprocessing).toEqual(described.preprocessing);
    expect(seen(model)).toEqual(seen(described));
    const larger = openModel(weights, { imageSize: 128 });
    expect(larger.network.inputShape).toEqual([128, 128, 3]);
    expect(larger.preprocessing).toEqual({ shorterSide: 144, filter: 'bicubic' });
    const usual = openModel({ ...weights, metadata: (await packModel({ network })).metadata });
    expect(usual.preprocessing).toEqual({ shorterSide: 73, filter: 'bilinear' });
    for (const broken of [
      '{',
      '{}',
      '{"shorterSide":63,"filter":"bilinear"}',
      '{"shorterSide":1e9,"filter":"bilinear"}',
    ]) {
      expect(() =>
        openModel({ ...weights, metadata: { ...metadata, 'resnet.preprocessing': broken } }),
      ).toThrow(expect.objectContaining({ code: 'WEIGHTS_INVALID' }));
    }
    for (const { network } of [model, larger, usual, described]) network.dispose();
  });

  it('is what timm says, of the size that it says, or of another', async () => {
    const network = small();
    const { tensors } = await packModel({ network });
    network.dispose();
    const open = (pretrained_cfg: object, options = {}) => {
      const config = { architecture: 'resnet18', pretrained_cfg };
      const model = openModel({ format: 'safetensors', tensors, metadata: {}, config }, options);
      model.network.dispose();
      return { size: model.network.inputShape[0], preprocessing: model.preprocessing };
    };
    // timm rounds 235.8 down.
    const strikesBack = { input_size: [3, 224, 224], crop_pct: 0.95, interpolation: 'bicubic' };
    expect(open(strikesBack)).toEqual({
      size: 224,
      preprocessing: { shorterSide: 235, filter: 'bicubic' },
    });
    expect(open({ ...strikesBack, input_size: [3, 160, 160] })).toEqual({
      size: 160,
      preprocessing: { shorterSide: 168, filter: 'bicubic' },
    });
    expect(open(strikesBack, { imageSize: 288 })).toEqual({
      size: 288,
      preprocessing: { shorterSide: 303, filter: 'bicubic' },
    });
    const torchvision = { input_size: [3, 224, 224], crop_pct: 0.875, interpolation: 'bilinear' };
    expect(open(torchvision)).toEqual({ size: 224, preprocessing: undefined });
    expect(() => open({ input_size: [3, 1e9, 1e9] })).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_INVALID' }),
    );
  });
});

describe('the size of a network', () => {
  it('is the one that it is designed for, or another, within bounds', () => {
    for (const [name, size] of [
      ['resnet20', 40],
      ['resnet18', 96],
      ['highway19', 40],
      ['vgg16', 256],
    ] as const) {
      const network = create(name, { imageSize: size, classes: 2, initialize: false });
      expect(network.inputShape).toEqual([size, size, 3]);
      expect(network.architecture).toMatchObject({ name, imageSize: size });
      const { designSize } = network;
      network.dispose();
      const usual = create(name, { imageSize: designSize, classes: 2, initialize: false });
      expect(usual.architecture).not.toHaveProperty('imageSize');
      usual.dispose();
    }
    for (const [name, imageSize] of [
      ['resnet20', 7],
      ['resnet18', 1e9],
      ['resnet18', 32.5],
      ['vgg16', 32],
    ] as const) {
      expect(() => create(name, { imageSize, initialize: false })).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    }
  });

  it('must be that of a mean for each pixel', () => {
    const network = small();
    checkNormalization(network, IMAGENET_NORMALIZATION);
    const perPixel = (side: number) => ({
      mean: new Float32Array(side * side * 3),
      std: Float32Array.of(1, 1, 1),
    });
    checkNormalization(network, perPixel(224));
    const mismatch = (message: string) =>
      expect.objectContaining({ code: 'SHAPE_MISMATCH', message: expect.stringContaining(message) });
    expect(() => checkNormalization(network, perPixel(32))).toThrow(mismatch('--size 32'));
    const gray = { mean: Float32Array.of(0.5), std: Float32Array.of(0.5) };
    expect(() => checkNormalization(network, gray)).toThrow(mismatch('1 means and 1 standard deviations'));
    network.dispose();
  });
});
