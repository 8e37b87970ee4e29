import { describe, expect, it } from 'vitest';
import fixture from '../../../fixtures/detection-metrics.json' with { type: 'json' };
import { image, madeSet, type WrittenBox } from '../../testing/made-set.js';
import { evaluateVoc } from './evaluate-voc.js';

const classes = ['cat'];
const kinds = ['2007', '2010'] as const;

it('gives what the rule gives, box by box, on 200 made sets', () => {
  for (const [seed, expected] of fixture.entries()) {
    const { images, classes } = madeSet(seed);
    for (const kind of kinds) {
      const found = evaluateVoc(images, { classes, kind }).classes.map(({ ap }) => ap);
      const furthest = Math.max(...found.map((ap, index) => Math.abs(ap - expected.voc[kind][index]!)));
      expect(furthest).toBeLessThan(1e-12);
    }
  }
  expect(fixture.length).toBe(200);
});

const at = (index: number): WrittenBox['box'] => [100 * index, 0, 100 * index + 50, 50];
const boxes = (count: number): WrittenBox[] =>
  Array.from({ length: count }, (_, index) => ({ box: at(index) }));
const apsOf = (truths: readonly WrittenBox[], detections: readonly WrittenBox[]) =>
  kinds.map((kind) => evaluateVoc([image(truths, detections)], { classes, kind }).map);

describe('on cases that are known', () => {
  const expectAps = (found: number[], expected: number[]) => {
    for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 12);
  };

  it('reads precision at the recalls that numpy writes', () => {
    expectAps(apsOf(boxes(10), boxes(3)), [3 / 11, 0.3]);
    expectAps(apsOf(boxes(10), boxes(7)), [7 / 11, 0.7]);
  });

  it('counts nothing of difficult objects', () => {
    const truths = [{ box: at(0) }, { box: at(1), difficult: 1 }];
    expectAps(apsOf(truths, [{ box: at(0) }, { box: at(1), score: 0.9 }, { box: at(1) }]), [1, 1]);
    expectAps(apsOf([truths[1]!], boxes(2)), [-1, -1]);
  });

  it('takes no overlap of exactly the threshold', () => {
    const [truth, half] = [{ box: [0, 0, 10, 10] }, { box: [0, 0, 5, 10] }] as const;
    expectAps(apsOf([truth], [half]), [0, 0]);
    const lower = evaluateVoc([image([truth], [half])], { classes, kind: '2010', threshold: 0.49 });
    expect(lower.map).toBe(1);
  });

  it('lets a detection take only the object that it overlaps most', () => {
    const truths = [{ box: [0, 0, 10, 10] }, { box: [0, 0, 10, 8] }] as const;
    const twice = [
      { box: [0, 0, 10, 10], score: 0.9 },
      { box: [0, 0, 10, 10], score: 0.8 },
    ] as const;
    const found = evaluateVoc([image(truths, twice)], { classes, kind: '2010' });
    expect([...found.classes[0]!.precision]).toEqual([1, 0.5]);
    expect([...found.classes[0]!.recall]).toEqual([0.5, 0.5]);
  });

  it('gives −1 where there is nothing to find, and 0 where nothing is found', () => {
    expectAps(apsOf([], boxes(1)), [-1, -1]);
    expectAps(apsOf(boxes(1), []), [0, 0]);
    expect(evaluateVoc([], { classes, kind: '2007' }).map).toBe(-1);
  });
});

describe('on the public example of rafaelpadilla/Object-Detection-Metrics', () => {
  // Of each image x, y, width, height of the objects, and score, x, y, width, height of the detections.
  const truths = [
    [25, 16, 38, 56, 129, 123, 41, 62],
    [123, 11, 43, 55, 38, 132, 59, 45],
    [16, 14, 35, 48, 123, 30, 49, 44, 99, 139, 47, 47],
    [53, 42, 40, 52, 154, 43, 31, 34],
    [59, 31, 44, 51, 48, 128, 34, 52],
    [36, 89, 52, 76, 62, 58, 44, 67],
    [28, 31, 55, 63, 58, 67, 50, 58],
  ];
  const detections = [
    [0.88, 5, 67, 31, 48, 0.7, 119, 111, 40, 67, 0.8, 124, 9, 49, 67],
    [0.71, 64, 111, 64, 58, 0.54, 26, 140, 60, 47, 0.74, 19, 18, 43, 35],
    [
      ...[0.18, 109, 15, 77, 39, 0.67, 86, 63, 46, 45, 0.38, 160, 62, 36, 53],
      ...[0.91, 105, 131, 47, 47, 0.44, 18, 148, 40, 44],
    ],
    [...[0.35, 83, 28, 28, 26, 0.78, 28, 68, 42, 67, 0.45, 87, 89, 25, 39], ...[0.14, 10, 155, 60, 26]],
    [...[0.62, 50, 38, 28, 46, 0.44, 95, 11, 53, 28, 0.95, 29, 131, 72, 29], ...[0.23, 29, 163, 72, 29]],
    [0.45, 43, 48, 74, 38, 0.84, 17, 155, 29, 35, 0.43, 95, 110, 25, 42],
    [0.48, 16, 20, 101, 88, 0.95, 33, 116, 37, 49],
  ];
  const chunks = (values: readonly number[], size: number) =>
    Array.from({ length: values.length / size }, (_, index) =>
      values.slice(size * index, size * index + size),
    );
  // It takes x + width for the last pixel, which is inclusive: a pixel more on each side here.
  const continuous = ([x, y, width, height]: number[]) =>
    [x! - 1, y! - 1, x! + width!, y! + height!] as const;
  const images = truths.map((of, index) =>
    image(
      chunks(of, 4).map((box) => ({ box: continuous(box) })),
      chunks(detections[index]!, 5).map(([score, ...box]) => ({ box: continuous(box), score: score! })),
    ),
  );

  it('gives what it gives', () => {
    const found = kinds.map((kind) =>
      [0.1, 0.3, 0.5, 0.75].map((threshold) =>
        evaluateVoc(images, { classes, kind, threshold }).map.toFixed(5),
      ),
    );
    expect(found[0]).toEqual(['0.33333', '0.26840', '0.03030', '0.00000']);
    expect(found[1]).toEqual(['0.33720', '0.24569', '0.02222', '0.00000']);
  });
});
