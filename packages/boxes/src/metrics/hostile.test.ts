import { describe, expect, it } from 'vitest';
import { evaluateCoco } from './coco/evaluate-coco.js';
import { localizationError } from './localization/localization-error.js';
import { findMistakes } from './mistakes/find-mistakes.js';
import type { DetectedImage, ImageDetections, ImageTruth } from './shared/detected-image.js';
import { evaluateVoc } from './voc/evaluate-voc.js';

const classes = ['cat', 'dog'];
const metrics = {
  evaluateCoco: (images: DetectedImage[], names = classes) => evaluateCoco(images, { classes: names }),
  evaluateVoc: (images: DetectedImage[], names = classes) =>
    evaluateVoc(images, { classes: names, kind: '2010' }),
  findMistakes: (images: DetectedImage[], names = classes) => findMistakes(images, { classes: names }),
  localizationError: (images: DetectedImage[], names = classes) =>
    localizationError(images, { classes: names }),
};

function images(truth: Partial<ImageTruth>, detections: Partial<ImageDetections>): DetectedImage[] {
  const good = { boxes: [0, 0, 10, 10], labels: [0] };
  return [
    { truth: good, detections: { ...good, scores: [1] } },
    { truth: { ...good, ...truth }, detections: { ...good, scores: [1], ...detections }, name: 'b.jpg' },
  ];
}

const box = 'must be finite x1, y1, x2, y2 with x1 ≤ x2 and y1 ≤ y2, found';
const cases: [string, Partial<ImageTruth>, Partial<ImageDetections>, string, string][] = [
  [
    'a value less',
    { boxes: [0, 0, 1] },
    {},
    'SHAPE_MISMATCH',
    "There must be 4 values of boxes, four for each label, in the truth of image 1 ('b.jpg'), found 3.",
  ],
  ['no labels', {}, { labels: [] }, 'SHAPE_MISMATCH', 'There must be 0 values of boxes'],
  [
    'two scores',
    {},
    { scores: [1, 2] },
    'SHAPE_MISMATCH',
    'There must be 1 scores in the detections of image 1',
  ],
  ['no flags', { crowd: [] }, {}, 'SHAPE_MISMATCH', 'There must be 1 crowd in the truth of image 1'],
  ['no areas', { areas: [] }, {}, 'SHAPE_MISMATCH', 'There must be 1 areas in the truth of image 1'],
  [
    'a label too high',
    { labels: [2] },
    {},
    'DATA_INVALID',
    "The label of box 0 in the truth of image 1 ('b.jpg') must be an integer from 0 to 1",
  ],
  ['a label below 0', {}, { labels: [-1] }, 'DATA_INVALID', 'found -1'],
  ['a label between', {}, { labels: [0.5] }, 'DATA_INVALID', 'found 0.5'],
  [
    'a score of NaN',
    {},
    { scores: [Number.NaN] },
    'DATA_INVALID',
    "The score of box 0 in the detections of image 1 ('b.jpg') must be a finite number, found NaN.",
  ],
  ['an infinite score', {}, { scores: [Number.POSITIVE_INFINITY] }, 'DATA_INVALID', 'found Infinity'],
  ['an area below 0', { areas: [-1] }, {}, 'DATA_INVALID', 'The area of box 0'],
  [
    'a side of NaN',
    { boxes: [0, 0, Number.NaN, 1] },
    {},
    'DATA_INVALID',
    `Box 0 in the truth of image 1 ('b.jpg') ${box} 0, 0, NaN, 1.`,
  ],
  [
    'an infinite side',
    {},
    { boxes: [0, 0, 1, Number.POSITIVE_INFINITY] },
    'DATA_INVALID',
    `Box 0 in the detections of image 1 ('b.jpg') ${box} 0, 0, 1, Infinity.`,
  ],
  [
    'width for x2',
    {},
    { boxes: [50, 50, 20, 80] },
    'DATA_INVALID',
    'Where boxes are x, y, width, height, add x to the width',
  ],
];

for (const [name, metric] of Object.entries(metrics)) {
  describe(name, () => {
    it.each(cases)('refuses %s', (_, truth, detections, code, message) => {
      expect(() => metric(images(truth, detections))).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    });

    it('refuses no classes', () => {
      expect(() => metric(images({}, {}), [])).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining('classes') }),
      );
    });

    it('takes plain arrays, boxes without area, and images without detections', () => {
      const flat = { boxes: [5, 5, 5, 5], labels: [0], scores: [1] };
      expect(() => metric(images(flat, flat))).not.toThrow();
      expect(() => metric(images({}, { boxes: [], labels: [], scores: [] }))).not.toThrow();
    });
  });
}

it('refuses options that can not be', () => {
  const code = expect.objectContaining({ code: 'OPTION_INVALID' });
  expect(() => evaluateCoco([], { classes, maxDetections: 0 })).toThrow(code);
  expect(() => evaluateVoc([], { classes, kind: '2008' as '2007' })).toThrow(code);
  expect(() => evaluateVoc([], { classes, kind: '2007', threshold: Number.NaN })).toThrow(code);
  expect(() => findMistakes([], { classes, background: 2 })).toThrow(code);
  expect(() => localizationError([], { classes, guesses: 1.5 })).toThrow(code);
});

describe('a million boxes in an image', () => {
  const count = 1e6;
  const one = { boxes: [0, 0, 10, 10], labels: [0], scores: [2] };
  const many = {
    boxes: Float64Array.from({ length: 4 * count }, (_, index) => (index % 4 < 2 ? 20 : 30)),
    labels: new Int32Array(count),
    scores: Float64Array.from({ length: count }, (_, index) => (7919 * index) % count),
  };
  // Nine others have higher scores.
  many.boxes.set(one.boxes, 4 * many.scores.indexOf(count - 10));

  it('as detections', () => {
    const found = [{ truth: one, detections: many }];
    expect(evaluateCoco(found, { classes }).ap).toBeCloseTo(0.1, 12);
    expect(evaluateVoc(found, { classes, kind: '2010' }).map).toBeCloseTo(0.1, 12);
    const { matches, mistakes } = findMistakes(found, { classes });
    expect([matches.length, mistakes.length]).toEqual([1, count - 1]);
    expect(localizationError(found, { classes }).errors).toBe(1);
    expect(localizationError(found, { classes, guesses: 10 }).errors).toBe(0);
  });

  it('as objects', () => {
    const found = [{ truth: many, detections: one }];
    expect(evaluateCoco(found, { classes }).ar).toBeCloseTo(1 / count, 12);
    expect(evaluateVoc(found, { classes, kind: '2010' }).map).toBeCloseTo(1 / count, 12);
    expect(findMistakes(found, { classes }).mistakes.length).toBe(count - 1);
    expect(localizationError(found, { classes }).errors).toBe(0);
  });
});
