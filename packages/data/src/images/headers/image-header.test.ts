import { madeBomb } from '@resnet/testing';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImageHeader } from './image-header.js';
import { withoutTags } from './without-tags.js';

const picture = (height: number, width: number, channels: 3 | 4 = 3) =>
  sharp({ create: { height, width, channels, background: { r: 200, g: 100, b: 50, alpha: 0.5 } } });

const encoders: [string, (height: number, width: number) => Promise<Buffer>][] = [
  ['jpeg', (height, width) => picture(height, width).jpeg().toBuffer()],
  ['jpeg', (height, width) => picture(height, width).jpeg({ progressive: true }).toBuffer()],
  ['jpeg', (height, width) => picture(height, width).withMetadata({ orientation: 6 }).jpeg().toBuffer()],
  ['png', (height, width) => picture(height, width, 4).png().toBuffer()],
  ['gif', (height, width) => picture(height, width).gif().toBuffer()],
  ['webp', (height, width) => picture(height, width).webp().toBuffer()],
  ['webp', (height, width) => picture(height, width).webp({ lossless: true }).toBuffer()],
  ['webp', (height, width) => picture(height, width, 4).webp().toBuffer()],
];

describe('readImageHeader', () => {
  it.each(encoders)('tells the size of a %s, like sharp', async (format, encode) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        async (height, width) => {
          expect(readImageHeader(await encode(height, width))).toMatchObject({ format, height, width });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('tells what a JPEG is made of', async () => {
    const components = async (image: Sharp) => readImageHeader(await image.jpeg().toBuffer())!.components;
    expect(await components(picture(3, 4))).toBe(3);
    expect(await components(picture(3, 4).toColourspace('b-w'))).toBe(1);
    expect(await components(picture(3, 4).toColourspace('cmyk'))).toBe(4);
  });

  it('passes over what does not belong between the segments of a JPEG', async () => {
    const jpeg = await picture(3, 4).jpeg().toBuffer();
    const filled = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([1, 2, 0xff, 0xff, 0]), jpeg.subarray(2)]);
    expect(readImageHeader(filled)).toEqual(readImageHeader(jpeg));
  });

  it('believes no header', () => {
    expect(readImageHeader(madeBomb())).toEqual({ format: 'png', height: 20_000, width: 20_000 });
  });

  it('knows no other files, and none that are cut off or damaged, but never throws', async () => {
    expect(readImageHeader(new TextEncoder().encode('hello'))).toBeUndefined();
    expect(readImageHeader(await picture(3, 4).tiff().toBuffer())).toBeUndefined();
    for (const [, encode] of encoders) {
      const file = await encode(3, 4);
      for (let length = 0; length < 24; length++)
        expect(readImageHeader(file.subarray(0, length))).toBeUndefined();
      fc.assert(
        fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (position, byte, length) => {
          const damaged = new Uint8Array(file);
          damaged[position] = byte;
          const cut = damaged.subarray(0, length);
          const header = readImageHeader(cut);
          if (header) withoutTags(cut, header);
        }),
        { numRuns: 300 },
      );
    }
  });
});

describe('withoutTags', () => {
  it.each(['jpeg', 'png', 'webp'] as const)(
    'takes the orientation away from a %s, and no pixel',
    async (format) => {
      const file = new Uint8Array(
        await picture(5, 9).withMetadata({ orientation: 6 })[format]({ quality: 90 }).toBuffer(),
      );
      expect((await sharp(file).metadata()).orientation).toBe(6);
      const rest = Buffer.concat(withoutTags(file, readImageHeader(file)!));
      expect((await sharp(rest).metadata()).orientation).toBeUndefined();
      expect(await sharp(rest).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
    },
  );

  it('leaves other files as they are', async () => {
    const file = new Uint8Array(await picture(5, 9).gif().toBuffer());
    expect(Buffer.concat(withoutTags(file, readImageHeader(file)!)).equals(file)).toBe(true);
  });
});
