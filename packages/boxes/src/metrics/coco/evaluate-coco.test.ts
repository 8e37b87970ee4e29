import { describe, expect, it } from 'vitest';
import fixture from '../../../fixtures/detection-metrics.json' with { type: 'json' };
import { image, madeSet, type WrittenBox } from '../../testing/made-set.js';
import { type CocoNumbers, evaluateCoco } from './evaluate-coco.js';

const classes = ['cat'];
const numbersOf = (found: CocoNumbers) => [
  ...[found.ap, found.ap50, found.ap75, found.apSmall, found.apMedium, found.apLarge],
  ...[found.ar1, found.ar10, found.ar, found.arSmall, found.arMedium, found.arLarge],
];

/** Largest difference that passes. */
const tolerance = 1e-12;

function expectClose(found: ArrayLike<number>, expected: readonly number[]) {
  expect(found.length).toBe(expected.length);
  const furthest = expected.reduce((most, value, index) => {
    const difference = Math.abs(value - found[index]!);
    return difference <= most ? most : difference;
  }, 0);
  expect(furthest).toBeLessThan(tolerance);
}

describe('on made sets', () => {
  it('gives the numbers of pycocotools, of all classes and of each', () => {
    for (const [seed, expected] of fixture.entries()) {
      const { images, classes } = madeSet(seed);
      const found = evaluateCoco(images, { classes, maxDetections: expected.most });
      expectClose(numbersOf(found), expected.coco);
      for (const [index, numbers] of expected.classes.entries()) {
        expectClose(numbersOf(found.classes[index]!), numbers);
      }
    }
    expect(fixture.length).toBe(200);
  });

  it('gives its curves', () => {
    const sets = [...fixture.entries()].filter(([, { curves }]) => curves);
    for (const [seed, { curves }] of sets) {
      const { images, classes } = madeSet(seed);
      const found = evaluateCoco(images, { classes });
      for (const [index, { precision }] of found.classes.entries()) {
        expectClose(precision.all, curves!.all[index]!);
        expectClose(precision.at50, curves!.at50[index]!);
        expectClose(precision.at75, curves!.at75[index]!);
      }
    }
    expect(sets.length).toBe(2);
  });
});

/** Boxes of 50×50 that don't touch. */
const at = (index: number): WrittenBox['box'] => {
  const [x, y] = [100 * (index % 10), 100 * Math.floor(index / 10)];
  return [x, y, x + 50, y + 50];
};
const boxes = (count: number): WrittenBox[] =>
  Array.from({ length: count }, (_, index) => ({ box: at(index) }));
const apOf = (truths: readonly WrittenBox[], detections: readonly WrittenBox[]) =>
  evaluateCoco([image(truths, detections)], { classes }).ap;

describe('on cases that are known', () => {
  it('counts what is found', () => {
    expect(apOf(boxes(3), boxes(3))).toBeCloseTo(1, 12);
    expect(apOf(boxes(2), boxes(1))).toBeCloseTo(51 / 101, 12);
    // 0.7 is above the recall of 7 in 10, as numpy writes both.
    expect(apOf(boxes(10), boxes(7))).toBeCloseTo(70 / 101, 12);
    expect(apOf(boxes(2), [])).toBe(0);
  });

  it('counts an overlap of exactly the threshold', () => {
    const found = evaluateCoco([image([{ box: [0, 0, 10, 10] }], [{ box: [0, 0, 5, 10] }])], { classes });
    expect(found.ap).toBeCloseTo(0.1, 12);
    expect(found.ap50).toBeCloseTo(1, 12);
  });

  it('counts duplicates and false detections by their scores', () => {
    const [box, elsewhere] = [at(0), at(1)];
    expect(
      apOf(
        [{ box }],
        [
          { box, score: 0.9 },
          { box, score: 0.8 },
        ],
      ),
    ).toBeCloseTo(1, 12);
    expect(
      apOf(
        [{ box }],
        [
          { box, score: 0.8 },
          { box: elsewhere, score: 0.9 },
        ],
      ),
    ).toBeCloseTo(0.5, 12);
    expect(apOf([{ box }], [{ box: elsewhere }, { box }])).toBeCloseTo(0.5, 12);
    expect(apOf([{ box }], [{ box }, { box: elsewhere }])).toBeCloseTo(1, 12);
  });

  it('ignores any number of detections in a crowd', () => {
    const crowd = { box: [200, 200, 400, 400], crowd: 1 } as const;
    const inside = [0, 60].map((x) => ({ box: [200 + x, 200, 250 + x, 250], score: 0.9 }) as const);
    expect(apOf([{ box: at(0) }, crowd], [...inside, { box: at(0) }])).toBeCloseTo(1, 12);
    expect(apOf([crowd], inside)).toBe(-1);
  });

  it('leaves out classes with nothing to find, and counts those in which nothing was found', () => {
    const [found, missed] = [{ box: at(0) }, { box: at(1), label: 1 }];
    const options = { classes: ['cat', 'dog', 'cow'] };
    const { ap, ...rest } = evaluateCoco([image([found], [found, { box: at(5), label: 2 }])], options);
    expect(ap).toBeCloseTo(1, 12);
    expect(rest.classes.map((each) => each.truths)).toEqual([1, 0, 0]);
    expect(rest.classes[1]!.precision.all.every((value) => value === -1)).toBe(true);
    expect(evaluateCoco([image([found, missed], [found])], options).ap).toBeCloseTo(0.5, 12);
  });

  it('takes a size of exactly the limit for both, and the areas that are given', () => {
    const box: WrittenBox['box'] = [0, 0, 32, 32];
    const exact = evaluateCoco([image([{ box }], [{ box }])], { classes });
    expect([exact.apSmall, exact.apMedium].map((ap) => ap.toFixed(6))).toEqual(['1.000000', '1.000000']);
    expect(exact.apLarge).toBe(-1);
    const given = evaluateCoco([image([{ box: at(0), area: 900 }], [{ box: at(0) }])], { classes });
    expect([given.apSmall.toFixed(6), given.apMedium]).toEqual(['1.000000', -1]);
  });

  it('counts objects that are difficult', () => {
    expect(apOf([{ box: at(0) }, { box: at(1), difficult: 1 }], boxes(1))).toBeCloseTo(51 / 101, 12);
  });

  it('counts at most so many detections of an image and a class', () => {
    const images = [image(boxes(150), boxes(150))];
    expect(evaluateCoco(images, { classes }).ap.toFixed(6)).toBe('0.663366');
    const all = evaluateCoco(images, { classes, maxDetections: 300 });
    expect([all.ap, all.ar, all.ar1, all.ar10].map((value) => value.toFixed(6))).toEqual(
      [1, 1, 1 / 150, 10 / 150].map((value) => value.toFixed(6)),
    );
    expect(evaluateCoco(images, { classes, maxDetections: 1 }).ar10).toBeCloseTo(1 / 150, 12);
  });

  it('gives −1 for no images and for none with objects', () => {
    expect(numbersOf(evaluateCoco([], { classes }))).toEqual(Array(12).fill(-1));
    expect(numbersOf(evaluateCoco([image([], boxes(2))], { classes }))).toEqual(Array(12).fill(-1));
  });
});
