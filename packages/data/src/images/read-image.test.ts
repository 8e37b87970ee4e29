import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coded, imagenetSamples, madeBomb, noImagenetSamples, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Image } from './image.js';
import { readImage } from './read-image.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

async function written(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

type Color = readonly [number, number, number];
const RED: Color = [255, 0, 0];
const GREEN: Color = [0, 255, 0];
const BLUE: Color = [0, 0, 255];
const WHITE: Color = [255, 255, 255];

/** Four colors, one in each quarter: red, green over blue, white. */
function quarters(height: number, width: number) {
  const pixels: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const top = column < width / 2 ? RED : GREEN;
      const bottom = column < width / 2 ? BLUE : WHITE;
      pixels.push(...(row < height / 2 ? top : bottom));
    }
  }
  return sharp(Uint8Array.from(pixels), { raw: { height, width, channels: 3 } });
}

const pixelAt = ({ pixels, width, channels }: Image, row: number, column: number) => [
  ...pixels.subarray((row * width + column) * channels, (row * width + column + 1) * channels),
];

function expectNear(found: number[], expected: readonly number[], tolerance: number) {
  expect(found.length).toBe(expected.length);
  for (const [index, value] of found.entries()) {
    expect(Math.abs(value - expected[index]!), `${found} is not near ${expected}`).toBeLessThanOrEqual(
      tolerance,
    );
  }
}

describe('readImage', () => {
  it('gives the very pixels of a PNG that has the size already', async () => {
    const image = await readImage(await written('exact.png', await quarters(8, 6).png().toBuffer()), {
      height: 8,
      width: 6,
      channels: 3,
    });
    expect(image).toMatchObject({ height: 8, width: 6, channels: 3 });
    expect(image.pixels.constructor).toBe(Uint8Array);
    expect([...image.pixels]).toEqual([...(await quarters(8, 6).raw().toBuffer())]);
  });

  it('scales the shorter side to fit and cuts the rest off equally', async () => {
    // 80 wide, so that 20 are cut off on each side of a square; the colors of the edges must be gone.
    const stripes = (await quarters(40, 80).raw().toBuffer()).map((value, position) => {
      const column = Math.floor(position / 3) % 80;
      return column < 18 || column >= 62 ? 128 : value;
    });
    const png = await sharp(stripes, { raw: { height: 40, width: 80, channels: 3 } })
      .png()
      .toBuffer();
    const image = await readImage(await written('wide.png', png), { height: 20, width: 20, channels: 3 });
    expect(pixelAt(image, 0, 0)).toEqual([...RED]);
    expect(pixelAt(image, 0, 19)).toEqual([...GREEN]);
    expect(pixelAt(image, 19, 0)).toEqual([...BLUE]);
    expect(pixelAt(image, 19, 19)).toEqual([...WHITE]);
    expect(pixelAt(image, 5, 8)).toEqual([...RED]);
    expect(pixelAt(image, 5, 11)).toEqual([...GREEN]);
  });

  it('averages where it makes an image smaller, as an antialiased filter does', async () => {
    const checks = Uint8Array.from(
      { length: 64 * 64 },
      (_, position) => ((position + Math.floor(position / 64)) % 2) * 255,
    );
    const png = await sharp(checks, { raw: { height: 64, width: 64, channels: 1 } })
      .png()
      .toBuffer();
    const image = await readImage(await written('checks.png', png), { height: 8, width: 8, channels: 1 });
    for (const value of image.pixels) expect(Math.abs(value - 127.5)).toBeLessThan(4);
  });

  it('turns a JPEG upright as its EXIF data says', async () => {
    // Orientation 6: the camera was turned, and the picture must be turned 90 degrees clockwise.
    const jpeg = await quarters(32, 64)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const image = await readImage(await written('turned.jpg', jpeg), { height: 64, width: 32, channels: 3 });
    expectNear(pixelAt(image, 8, 8), BLUE, 12);
    expectNear(pixelAt(image, 8, 24), RED, 12);
    expectNear(pixelAt(image, 56, 8), WHITE, 12);
    expectNear(pixelAt(image, 56, 24), GREEN, 12);
  });

  it('lays a transparent image on black', async () => {
    const pixels = Uint8Array.of(255, 255, 255, 255, 200, 100, 50, 128, 255, 255, 255, 0, 10, 20, 30, 255);
    const png = await sharp(pixels, { raw: { height: 2, width: 2, channels: 4 } })
      .png()
      .toBuffer();
    const path = await written('alpha.png', png);
    const image = await readImage(path, { height: 2, width: 2, channels: 3 });
    expect(pixelAt(image, 0, 0)).toEqual([255, 255, 255]);
    expectNear(pixelAt(image, 0, 1), [100, 50, 25], 1);
    expect(pixelAt(image, 1, 0)).toEqual([0, 0, 0]);
    expect(pixelAt(image, 1, 1)).toEqual([10, 20, 30]);
    expect((await readImage(path, { height: 2, width: 2, channels: 1 })).pixels.length).toBe(4);
  });

  it('turns gray into three equal channels, and colors into gray', async () => {
    const gray = await sharp(Uint8Array.of(0, 80, 160, 255), { raw: { height: 2, width: 2, channels: 1 } })
      .png()
      .toBuffer();
    const color = await readImage(await written('gray.png', gray), { height: 2, width: 2, channels: 3 });
    expect([...color.pixels]).toEqual([0, 0, 0, 80, 80, 80, 160, 160, 160, 255, 255, 255]);
    const path = await written('colors.png', await quarters(2, 2).png().toBuffer());
    const { pixels } = await readImage(path, { height: 2, width: 2, channels: 1 });
    const [red, green, blue, white] = pixels;
    expect(pixels.length).toBe(4);
    expect(white).toBe(255);
    expect([blue! < red!, red! < green!, green! < white!]).toEqual([true, true, true]);
  });

  it('reads 16-bit and CMYK files as 8-bit RGB', async () => {
    const deep = await quarters(16, 16).toColourspace('rgb16').png().toBuffer();
    const image = await readImage(await written('deep.png', deep), { height: 16, width: 16, channels: 3 });
    expectNear(pixelAt(image, 2, 2), RED, 1);
    const cmyk = await quarters(16, 16).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const printed = await readImage(await written('cmyk.jpg', cmyk), { height: 16, width: 16, channels: 3 });
    expect(printed.pixels.length).toBe(16 * 16 * 3);
    expectNear(pixelAt(printed, 14, 14), WHITE, 12);
  });

  it('says that a file is missing, is no image, or is cut off', async () => {
    const size = { height: 8, width: 8, channels: 3 } as const;
    await expect(readImage(join(folder, 'none.png'), size)).rejects.toEqual(
      coded('FILE_UNREADABLE', 'none.png'),
    );
    await expect(readImage(folder, size)).rejects.toEqual(coded('FILE_UNREADABLE', folder));
    const text = await written('text.jpg', new TextEncoder().encode('hello'));
    await expect(readImage(text, size)).rejects.toEqual(coded('IMAGE_INVALID', 'text.jpg'));
    const empty = await written('empty.jpg', new Uint8Array());
    await expect(readImage(empty, size)).rejects.toEqual(coded('IMAGE_INVALID', 'empty.jpg'));
    for (const [name, bytes] of [
      ['cut.jpg', await quarters(200, 200).jpeg().toBuffer()],
      ['cut.png', await quarters(200, 200).png({ compressionLevel: 0 }).toBuffer()],
    ] as const) {
      const cut = await written(name, bytes.subarray(0, bytes.length / 2));
      await expect(readImage(cut, size)).rejects.toEqual(coded('IMAGE_INVALID', name));
    }
  });

  it('refuses a small file that claims to be a huge image', async () => {
    await expect(
      readImage(await written('bomb.png', madeBomb()), { height: 8, width: 8, channels: 3 }),
    ).rejects.toEqual(coded('IMAGE_INVALID', 'exceeds pixel limit'));
  });

  it.each([
    [{ height: 0, width: 8, channels: 3 as const }, 'height must be an integer of at least 1, found 0'],
    [{ height: 8, width: 1.5, channels: 3 as const }, 'width must be an integer of at least 1, found 1.5'],
    [{ height: 8, width: 8, channels: 2 as 3 }, 'channels must be 1 or 3, found 2'],
  ])('refuses the options %o', async (options, message) => {
    await expect(readImage('any.png', options)).rejects.toEqual(coded('OPTION_INVALID', message));
  });
});

describe('readImage on real photographs', () => {
  it.skipIf(noImagenetSamples)(`reads 100 images of ImageNet as pictures${noImagenetSamples}`, async () => {
    const classes = await readdir(imagenetSamples);
    expect(classes.length).toBe(100);
    for (const name of classes) {
      const [file] = await readdir(join(imagenetSamples, name));
      const { pixels } = await readImage(join(imagenetSamples, name, file!), {
        height: 64,
        width: 64,
        channels: 3,
      });
      expect(pixels.length).toBe(64 * 64 * 3);
      const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
      expect(Math.sqrt(variance), name).toBeGreaterThan(8);
    }
  });
});
