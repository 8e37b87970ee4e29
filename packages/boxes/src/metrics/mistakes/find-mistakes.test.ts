import { describe, expect, it } from 'vitest';
import fixture from '../../../fixtures/detection-metrics.json' with { type: 'json' };
import { image, madeSet, type WrittenBox } from '../../testing/made-set.js';
import { type DetectionMistake, findMistakes } from './find-mistakes.js';

const classes = ['cat', 'dog'];
const cat = { box: [0, 0, 100, 100], label: 0 } as const;
const dog = { box: [200, 0, 300, 100], label: 1 } as const;
/** A detection of a width, from the left side of the object on: of so many hundredths of it. */
const part = (of: WrittenBox, share: number, rest: Partial<WrittenBox> = {}): WrittenBox => {
  const [x, y, , y2] = of.box;
  return { ...of, box: [x, y, x + share, y2], ...rest };
};
const mistakesOf = (truths: WrittenBox[], detections: WrittenBox[], options = {}) =>
  findMistakes([image(truths, detections)], { classes, ...options }).mistakes;
const kindsOf = (mistakes: DetectionMistake[]) => mistakes.map(({ kind }) => kind);

describe('findMistakes', () => {
  it('names each kind', () => {
    expect(kindsOf(mistakesOf([cat], [part(cat, 40)]))).toEqual(['localization']);
    expect(kindsOf(mistakesOf([cat], [part(cat, 90, { label: 1 })]))).toEqual(['class']);
    expect(kindsOf(mistakesOf([cat], [cat, part(cat, 90, { score: 0.4 })]))).toEqual(['duplicate']);
    expect(kindsOf(mistakesOf([cat], [cat, dog]))).toEqual(['background']);
    expect(kindsOf(mistakesOf([cat], [part(cat, 40, { label: 1 })]))).toEqual(['both', 'missed']);
    expect(kindsOf(mistakesOf([cat], []))).toEqual(['missed']);
    expect(kindsOf(mistakesOf([], [cat]))).toEqual(['background']);
    expect(kindsOf(mistakesOf([cat, dog], [cat, dog]))).toEqual([]);
  });

  it('decides at the thresholds', () => {
    expect(kindsOf(mistakesOf([cat], [part(cat, 50)]))).toEqual([]);
    expect(kindsOf(mistakesOf([cat], [part(cat, 50)], { threshold: 0.6 }))).toEqual(['localization']);
    expect(kindsOf(mistakesOf([cat], [part(cat, 10)]))).toEqual(['localization']);
    expect(kindsOf(mistakesOf([cat], [part(cat, 9)]))).toEqual(['background', 'missed']);
    expect(kindsOf(mistakesOf([cat], [part(cat, 9)], { background: 0.05 }))).toEqual(['localization']);
  });

  it('takes the wrong place of its class before the place of another class', () => {
    const near = { box: [0, 0, 100, 40], label: 1 } as const;
    expect(mistakesOf([cat, near], [part(cat, 100, { label: 1 })])[0]).toMatchObject({
      kind: 'localization',
      truth: 1,
    });
  });

  it('sorts by score and says where', () => {
    const images = [
      image([cat], [cat, part(cat, 40, { score: 0.3 })]),
      image([cat, dog], [part(cat, 90, { score: 0.9, label: 1 })]),
    ];
    const { matches, mistakes } = findMistakes(images, { classes });
    expect(matches).toEqual([{ image: 0, detection: 0, truth: 0, score: 0.5, overlap: 1 }]);
    expect(mistakes).toEqual([
      { kind: 'class', image: 1, detection: 0, score: 0.9, truth: 0, overlap: 0.9 },
      { kind: 'localization', image: 0, detection: 1, score: 0.3, truth: 0, overlap: 0.4 },
      { kind: 'missed', image: 1, truth: 1 },
    ]);
  });

  it('has neither crowds nor difficult objects, nor detections of them', () => {
    for (const optional of [{ crowd: 1 }, { difficult: 1 }]) {
      const { matches, mistakes } = findMistakes([image([{ ...cat, ...optional }], [cat])], { classes });
      expect([matches, mistakes]).toEqual([[], []]);
      expect(kindsOf(mistakesOf([{ ...cat, ...optional }], []))).toEqual([]);
    }
  });

  it('finds as many of each kind as TIDE, on made sets', () => {
    const sets = [...fixture.entries()].filter(([, { mistakes }]) => mistakes !== null);
    for (const [seed, { mistakes }] of sets) {
      const { images, classes } = madeSet(seed);
      const wanted = images.map((each) => ({
        ...each,
        truth: { ...each.truth, crowd: undefined, difficult: undefined },
      }));
      const counts = { class: 0, localization: 0, both: 0, duplicate: 0, background: 0, missed: 0 };
      for (const { kind } of findMistakes(wanted, { classes }).mistakes) counts[kind]++;
      expect(counts).toEqual(mistakes);
    }
    expect(sets.length).toBeGreaterThan(180);
  });

  it('has each detection and each object once', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { images, classes } = madeSet(seed);
      const { matches, mistakes } = findMistakes(images, { classes });
      const ofDetections = [...matches, ...mistakes].filter(({ detection }) => detection !== undefined);
      const names = ofDetections.map(({ image, detection }) => `${image} ${detection}`);
      expect(new Set(names).size).toBe(names.length);
      const near = mistakes.filter(({ kind }) => kind === 'localization' || kind === 'class');
      const missed = mistakes.filter(({ kind }) => kind === 'missed');
      const known = [...matches, ...near].map(({ image, truth }) => `${image} ${truth}`);
      const all = [...new Set(known), ...missed.map(({ image, truth }) => `${image} ${truth}`)];
      const wanted = images.flatMap(({ truth }, image) =>
        Array.from(truth.labels, (_, index) => ({ name: `${image} ${index}`, index, truth }))
          .filter(({ index, truth }) => !truth.crowd?.[index] && !truth.difficult?.[index])
          .map(({ name }) => name),
      );
      expect(all.sort()).toEqual(wanted.sort());
      expect(new Set(matches.map(({ image, truth }) => `${image} ${truth}`)).size).toBe(matches.length);
    }
  });
});
