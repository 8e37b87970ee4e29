import type { ShownMistake } from '@resnet/charts/page';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawMistake } from './draw-mistake.js';

const grayImage = (height: number, width: number, channels = 3) => ({
  ...{ pixels: new Uint8Array(height * width * channels).fill(200), height, width, channels },
});

const mistake = (boxes: Pick<ShownMistake, 'detected' | 'object'>): ShownMistake => ({
  ...{ kind: 'class', image: 0, name: 'one' },
  ...boxes,
});

async function pixelsOf(url: string) {
  expect(url.startsWith('data:image/jpeg;base64,')).toBe(true);
  const picture = sharp(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
  ];
  return { info, at };
}

describe('drawMistake', () => {
  it('shows what is around the boxes, and both of them', async () => {
    const drawn = await drawMistake(
      grayImage(480, 640),
      mistake({
        detected: { box: [300, 200, 400, 300], label: 0, score: 0.9 },
        object: { box: [310, 210, 390, 290], label: 1 },
      }),
    );
    const { info, at } = await pixelsOf(drawn);
    // 200 × 200 pixels of the image, from (250, 150) on.
    expect(info).toMatchObject({ width: 300, height: 300, channels: 3 });
    const [red, , blue] = at(78, 75);
    expect(red! - blue!).toBeGreaterThan(60);
    const [ofObject, , blueOfObject] = at(90, 150);
    expect(blueOfObject! - ofObject!).toBeGreaterThan(60);
    expect(at(5, 5).every((value) => Math.abs(value - 200) < 6)).toBe(true);
  });

  it.each([
    ['at an edge', [0, 0, 30, 30], 40, 60],
    ['outside', [-50, -50, -10, -10], 40, 60],
    ['beyond', [90, 90, 200, 200], 40, 60],
    ['without a size', [20, 20, 20, 20], 40, 60],
    ['in an image of one pixel', [0, 0, 1, 1], 1, 1],
    ['in a very wide image', [0, 0, 3000, 2], 2, 3000],
  ] as const)('draws a box %s', async (_, box, height, width) => {
    for (const channels of [1, 3]) {
      const drawn = await drawMistake(
        grayImage(height, width, channels),
        mistake({ object: { box, label: 0 } }),
      );
      expect(Math.max((await pixelsOf(drawn)).info.width, (await pixelsOf(drawn)).info.height)).toBe(300);
    }
  });
});
