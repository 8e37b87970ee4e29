import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { imageAt, padImages, selectImages, validateImageSet } from './image-set.js';

describe('imageAt', () => {
  it('is a view of the right bytes', () => {
    const set = madeSet();
    const image = imageAt(set, 3);
    expect(image).toMatchObject({ height: 4, width: 5, channels: 3 });
    expect([...image.pixels]).toEqual([...set.images.slice(3 * 60, 4 * 60)]);
    image.pixels[0] = 99;
    expect(set.images[3 * 60]).toBe(99);
  });

  it.each([-1, 10, 0.5, Number.NaN])('refuses the index %s of 10', (index) => {
    expect(() => imageAt(madeSet(), index)).toThrow(coded('OPTION_INVALID', `found ${index}`));
  });
});

describe('selectImages', () => {
  it('copies images and labels in the order of the indices, also twice', () => {
    const set = madeSet();
    const selected = selectImages(set, Uint32Array.of(7, 0, 7));
    expect(selected.count).toBe(3);
    expect([...selected.labels]).toEqual([1, 0, 1]);
    expect(imageAt(selected, 0)).toEqual(imageAt(set, 7));
    expect(imageAt(selected, 1)).toEqual(imageAt(set, 0));
    expect(imageAt(selected, 2)).toEqual(imageAt(set, 7));
    const before = set.images.slice();
    selected.images.fill(0);
    expect(set.images).toEqual(before);
  });

  it('refuses an index outside of the set', () => {
    expect(() => selectImages(madeSet(), [0, 10])).toThrow(coded('OPTION_INVALID'));
  });
});

describe('padImages', () => {
  it.each([
    { height: 6, width: 9, top: 1, left: 2 },
    { height: 7, width: 6, top: 1, left: 0 },
    { height: 4, width: 5, top: 0, left: 0 },
  ])('puts 4x5 images $top down and $left right in $height x $width', ({ height, width, top, left }) => {
    const set = madeSet({ count: 3, channels: 2 });
    const padded = padImages(set, height, width);
    validateImageSet(padded);
    expect(padded.labels).toEqual(set.labels);
    for (let index = 0; index < 3; index++) {
      const { pixels } = imageAt(set, index);
      const expected = Array.from({ length: height * width * 2 }, (_, position) => {
        const row = Math.floor(position / (width * 2)) - top;
        const column = (Math.floor(position / 2) % width) - left;
        const inside = row >= 0 && row < 4 && column >= 0 && column < 5;
        return inside ? pixels[(row * 5 + column) * 2 + (position % 2)] : 0;
      });
      expect([...imageAt(padded, index).pixels]).toEqual(expected);
    }
  });

  it('refuses a size that the images do not fit in', () => {
    expect(() => padImages(madeSet(), 3, 9)).toThrow(coded('OPTION_INVALID', '3x9'));
    expect(() => padImages(madeSet(), 9, 5.5)).toThrow(coded('OPTION_INVALID', '9x5.5'));
  });
});

describe('validateImageSet', () => {
  it('accepts a set that fits', () => expect(validateImageSet(madeSet())).toBeUndefined());

  it.each([
    [{ images: new Uint8Array(599) }, '10 x 4 x 5 x 3 = 600 bytes of pixels, found 599'],
    [{ labels: new Uint8Array(9) }, 'each of its 10 images, found 9'],
    [{ labels: Uint8Array.of(0, 1, 2, 3, 0, 0, 0, 0, 0, 0) }, '3 classes, but the label of image 3 is 3'],
    [
      { count: 0, images: new Uint8Array(), labels: new Uint8Array() },
      'count that is an integer of at least 1',
    ],
    [{ width: 2.5 }, 'width that is an integer of at least 1, found 2.5'],
  ])('refuses %o', (change, message) => {
    expect(() => validateImageSet({ ...madeSet(), ...change })).toThrow(coded('DATA_INVALID', message));
  });
});
