import type { DetectedImage } from '@resnet/boxes';
import { describe, expect, it } from 'vitest';
import { KINDS, summarizeMistakes } from './summarize-mistakes.js';

/** Objects and detections: a class, the left edge of a box of 10 × 10, and a score. */
function made(
  objects: [label: number, x: number][],
  detected: [label: number, x: number, score: number][],
): DetectedImage {
  const boxes = (all: readonly (readonly [number, number, ...unknown[]])[]) =>
    all.flatMap(([, x]) => [x, 0, x + 10, 10]);
  return {
    truth: { boxes: boxes(objects), labels: objects.map(([label]) => label) },
    detections: {
      ...{ boxes: boxes(detected), labels: detected.map(([label]) => label) },
      scores: detected.map(([, , score]) => score),
    },
  };
}

describe('summarizeMistakes', () => {
  it('counts those of sure detections by kind, and says which box is which', () => {
    const summary = summarizeMistakes(
      [
        {
          ...made(
            [
              [0, 0],
              [1, 40],
            ],
            [
              [0, 1, 0.9],
              [0, 200, 0.8],
              [1, 300, 0.3],
              [0, 41, 0.7],
            ],
          ),
          name: 'first',
        },
        made([[1, 0]], [[1, 0, 0.4]]),
      ],
      ['cat', 'dog'],
    );
    expect(summary).toMatchObject({ score: 0.5, matches: 1 });
    expect(summary.counts).toEqual({
      class: 1,
      both: 0,
      localization: 0,
      duplicate: 0,
      background: 1,
      missed: 1,
    });
    expect(summary.shown).toEqual([
      {
        ...{ kind: 'class', image: 0, name: 'first', overlap: expect.closeTo(9 / 11, 6) },
        detected: { label: 0, box: [41, 0, 51, 10], score: 0.7 },
        object: { label: 1, box: [40, 0, 50, 10] },
      },
      {
        ...{ kind: 'background', image: 0, name: 'first' },
        detected: { label: 0, box: [200, 0, 210, 10], score: 0.8 },
      },
      { kind: 'missed', image: 1, name: 'image 1', object: { label: 1, box: [0, 0, 10, 10] } },
    ]);
    expect(summarizeMistakes([made([[1, 0]], [[1, 0, 0.4]])], ['cat', 'dog'], { score: 0.4 }).matches).toBe(
      1,
    );
  });

  it('shows the surest of a kind, and missed objects of as many images as it can', () => {
    const scores = [0.6, 0.9, 0.7, 0.8];
    const background = made(
      [],
      scores.map((score, index) => [0, 50 * index, score]),
    );
    const missed = made(
      [
        [0, 0],
        [0, 50],
        [0, 100],
      ],
      [],
    );
    const { shown, counts } = summarizeMistakes([background, missed, missed], ['cat'], { most: 3 });
    expect(counts).toMatchObject({ background: 4, missed: 6 });
    expect(shown.map(({ detected }) => detected?.score)).toEqual([
      0.9,
      0.8,
      0.7,
      undefined,
      undefined,
      undefined,
    ]);
    expect(shown.slice(3).map(({ image }) => image)).toEqual([1, 2, 1]);
    expect(Object.keys(counts)).toEqual([...KINDS]);
  });
});
