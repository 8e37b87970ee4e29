import type { Image } from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { overlayHeat } from '../index.js';

const heatOf = (rows: number[][]) => ({
  heat: Float32Array.from(rows.flat()),
  height: rows.length,
  width: rows[0]!.length,
});
const imageOf = (height: number, width: number, channels: number, pixels: number[]): Image => ({
  pixels: Uint8Array.from(pixels),
  height,
  width,
  channels,
});

describe('overlayHeat', () => {
  it('leaves the picture where the map is 0, and gives a new one', () => {
    const image = imageOf(2, 1, 3, [1, 2, 3, 250, 251, 252]);
    const found = overlayHeat(image, heatOf([[0]]));
    expect(found).toEqual(image);
    expect(found.pixels).not.toBe(image.pixels);
  });

  it('covers by the opacity where it is 1, and by half of that where it is a half', () => {
    const image = imageOf(1, 2, 3, [100, 101, 100, 20, 200, 40]);
    // 252, 255, 164 is the end of the colors, 188, 55, 84 their middle.
    expect([...overlayHeat(image, heatOf([[1, 0.5]]), { opacity: 1 }).pixels]).toEqual([
      252, 255, 164, 104, 128, 62,
    ]);
    // 0.7 of the way from 100, 101, 100 to 252, 255, 164; 0.35 of it from 20, 200, 40 to 188, 55, 84.
    expect([...overlayHeat(image, heatOf([[1, 0.5]])).pixels]).toEqual([206, 209, 145, 79, 149, 55]);
    expect(overlayHeat(image, heatOf([[1, 1]]), { opacity: 0 })).toEqual(image);
  });

  it('mixes neighboring colors', () => {
    // Halfway from 249, 140, 10 at 6/8 to 249, 201, 50 at 7/8.
    const found = overlayHeat(imageOf(1, 1, 3, [0, 0, 0]), heatOf([[13 / 16]]), { opacity: 1 });
    expect([...found.pixels]).toEqual([249, 170.5, 30].map((value) => Math.round((value * 13) / 16)));
  });

  it('enlarges the map bilinearly, places in the middles of its cells', () => {
    const image = imageOf(4, 4, 1, Array(16).fill(0));
    const { pixels } = overlayHeat(
      image,
      heatOf([
        [0, 1],
        [0, 1],
      ]),
      { opacity: 1 },
    );
    // Across 0, 1/4, 3/4 and 1; the red of the colors there is 0, 87, 249 and 252.
    const reds = [0, Math.round(87 / 4), Math.round((249 * 3) / 4), 252];
    expect(Array.from({ length: 16 }, (_, place) => pixels[place * 3])).toEqual([
      ...reds,
      ...reds,
      ...reds,
      ...reds,
    ]);
    const turned = overlayHeat(
      image,
      heatOf([
        [0, 0],
        [1, 1],
      ]),
      { opacity: 1 },
    );
    expect(Array.from({ length: 4 }, (_, row) => turned.pixels[row * 12])).toEqual(reds);
  });

  it('agrees with the definition on a map and a picture of odd sizes', () => {
    const heat = heatOf([
      [0, 0.5, 0.25],
      [1, 0.125, 0.75],
    ]);
    const { pixels } = overlayHeat(imageOf(3, 5, 1, Array(15).fill(0)), heat, { opacity: 1 });
    // Rows at -1/6 (the first), 1/2 and 7/6 (the last) of the map's; columns at -1/5, 2/5, 1, 8/5 and 11/5.
    const rows = [
      [0, 0.2, 0.5, 0.35, 0.25],
      [0.5, 0.425, 0.3125, 0.425, 0.5],
      [1, 0.65, 0.125, 0.5, 0.75],
    ].flat();
    const greens = [0, 12, 16, 34, 55, 89, 140, 201, 255];
    const expected = rows.map((value) => {
      const low = Math.min(7, Math.floor(value * 8));
      return value * (greens[low]! + (greens[low + 1]! - greens[low]!) * (value * 8 - low));
    });
    for (const [place, value] of expected.entries()) {
      expect(Math.abs(pixels[place * 3 + 1]! - value), `place ${place}`).toBeLessThanOrEqual(0.51);
    }
  });

  it('makes gray images RGB', () => {
    const found = overlayHeat(imageOf(1, 2, 1, [40, 90]), heatOf([[0, 1]]), { opacity: 0.5 });
    expect(found).toEqual(imageOf(1, 2, 3, [40, 40, 40, 171, 173, 127]));
  });

  it('refuses an opacity out of range, and images of other channels', () => {
    const image = imageOf(1, 1, 3, [0, 0, 0]);
    for (const opacity of [-0.1, 1.1, Number.NaN]) {
      expect(() => overlayHeat(image, heatOf([[1]]), { opacity })).toThrow(
        `opacity must be from 0 to 1, found ${opacity}.`,
      );
    }
    expect(() => overlayHeat(imageOf(1, 1, 4, [0, 0, 0, 0]), heatOf([[1]]))).toThrow(
      'An image must have 1 or 3 channels, found 4.',
    );
  });
});
