import { describe, expect, it } from 'vitest';
import { type ImageSet, imageAt, validateImageSet } from '../sets/image-set.js';
import { readDigits } from './read-digits.js';

const { train, test } = await readDigits();

const byClass = ({ labels }: ImageSet) =>
  Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);

describe('readDigits', () => {
  it('reads 10,000 images, 32x32, gray, split in 9,000 and 1,000 with the classes in the same share', () => {
    for (const set of [train, test]) {
      validateImageSet(set);
      expect(set).toMatchObject({ height: 32, width: 32, channels: 1 });
      expect(set.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    }
    expect([train.count, test.count]).toEqual([9000, 1000]);
    expect([train.name, test.name]).toEqual(['Digits train', 'Digits test']);
    const all = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];
    const [trained, tested] = [byClass(train), byClass(test)];
    expect(trained.map((count, digit) => count + tested[digit]!)).toEqual(all);
    for (const [digit, count] of tested.entries()) expect(Math.abs(count - all[digit]! / 10)).toBeLessThan(1);
  });

  it('mixes the classes, the same way every time', async () => {
    expect(new Set(train.labels.subarray(0, 100)).size).toBe(10);
    expect([...test.labels.subarray(0, 12)]).toMatchInlineSnapshot(`
      [
        5,
        1,
        9,
        2,
        9,
        3,
        7,
        8,
        1,
        7,
        2,
        1,
      ]
    `);
    const again = await readDigits();
    // Not toEqual, which takes most of a minute for nine million bytes.
    expect(Buffer.compare(again.train.images, train.images)).toBe(0);
    expect(Buffer.compare(again.test.images, test.images)).toBe(0);
    expect(Buffer.compare(again.train.labels, train.labels)).toBe(0);
    expect(Buffer.compare(again.test.labels, test.labels)).toBe(0);
  });

  it('has ink in every image and none in the border', () => {
    for (const set of [train, test]) {
      for (let index = 0; index < set.count; index++) {
        const { pixels } = imageAt(set, index);
        let ink = 0;
        let border = 0;
        for (const [position, value] of pixels.entries()) {
          const row = Math.floor(position / 32);
          const column = position % 32;
          ink += value;
          if (row < 2 || row >= 30 || column < 2 || column >= 30) border += value;
        }
        expect(border).toBe(0);
        expect(ink / pixels.length).toBeGreaterThan(5);
      }
    }
  });

  it('labels the digits rightly: the nearest mean image of the training set is mostly that of the label', () => {
    const means = Array.from({ length: 10 }, () => new Float64Array(1024));
    const counts = byClass(train);
    for (let index = 0; index < train.count; index++) {
      const label = train.labels[index]!;
      for (const [position, value] of imageAt(train, index).pixels.entries())
        means[label]![position]! += value / counts[label]!;
    }
    let right = 0;
    for (let index = 0; index < test.count; index++) {
      const { pixels } = imageAt(test, index);
      const distances = means.map((mean) =>
        pixels.reduce((sum, value, position) => sum + (value - mean[position]!) ** 2, 0),
      );
      if (distances.indexOf(Math.min(...distances)) === test.labels[index]) right++;
    }
    expect(right / test.count).toBeGreaterThan(0.75);
  });
});
