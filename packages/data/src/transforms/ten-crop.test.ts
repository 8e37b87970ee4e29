import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@resnet/core';
import { imagenetSamples, noImagenetSamples } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { decodeImageFile } from '../images/decode-image.node.js';
import type { Image } from '../images/image.js';
import { tenCrop } from './crop.js';
import { resizeShorterSide } from './resize.js';

// Made by scripts/fixtures/ten-crop.py.
const fixture: {
  cases: {
    file: string;
    height: number;
    width: number;
    decoded: string;
    resizedHeight: number;
    resizedWidth: number;
    resized: string;
    crops: string[];
  }[];
} = JSON.parse(readFileSync(new URL('../../fixtures/ten-crop.json', import.meta.url), 'utf8'));

const hashOf = ({ pixels }: Image) => createHash('sha256').update(pixels).digest('hex').slice(0, 16);

describe('the ten crops of PyTorch', () => {
  it.skipIf(noImagenetSamples)(`to the byte, for 100 images of ImageNet${noImagenetSamples}`, async () => {
    expect(fixture.cases.length).toBe(100);
    const resize = resizeShorterSide(256);
    for (const { file, crops, ...expected } of fixture.cases) {
      const image = await decodeImageFile(join(imagenetSamples, file));
      const resized = resize(image, new Random(0));
      // Where only the first hash differs, the decoders do.
      expect(
        {
          height: image.height,
          width: image.width,
          decoded: hashOf(image),
          resizedHeight: resized.height,
          resizedWidth: resized.width,
          resized: hashOf(resized),
        },
        file,
      ).toEqual(expected);
      const found = tenCrop(resized, 224);
      for (const { height, width } of found) expect([height, width]).toEqual([224, 224]);
      expect(found.map(hashOf), file).toEqual(crops);
    }
  });
});
