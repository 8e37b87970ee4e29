import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BETWEEN, matchBoxes } from '../sampling/match-boxes.js';
import { gridAnchors, levelOf, makeAnchors } from './anchors.js';
import { type Boxes, clipBoxes } from './boxes.js';
import { decodeBoxes, encodeBoxes } from './coding.js';
import { boxIou } from './iou.js';
import { batchedNms, nms } from './nms.js';

/** Boxes on a grid, so that many are equal or touch, or anywhere. */
const side = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.float({ min: 0, max: 50, noNaN: true }));
const box = fc.tuple(side, side, side, side).map(([x, y, width, height]) => [x, y, x + width, y + height]);
const boxesOf = (list: number[][]): Boxes => Float32Array.from(list.flat());
const scored = fc.array(fc.record({ box, score: fc.integer({ min: 0, max: 9 }), group: fc.nat(3) }), {
  maxLength: 40,
});
const threshold = fc.constantFrom(0, 0.2, 0.5, 0.7, 1);

describe('nms', () => {
  it('keeps a box unless a better one that is kept overlaps it more', () => {
    fc.assert(
      fc.property(scored, threshold, (list, threshold) => {
        const boxes = boxesOf(list.map(({ box }) => box));
        const overlaps = boxIou(boxes, boxes);
        const order = [...list.keys()].sort((a, b) => list[b]!.score - list[a]!.score || a - b);
        const expected: number[] = [];
        for (const index of order) {
          if (!expected.some((better) => overlaps[better * list.length + index]! > threshold))
            expected.push(index);
        }
        const scores = Float32Array.from(list, ({ score }) => score);
        expect([...nms(boxes, scores, threshold)]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('of groups is that of each group', () => {
    fc.assert(
      fc.property(scored, threshold, (list, threshold) => {
        const boxes = boxesOf(list.map(({ box }) => box));
        const scores = Float32Array.from(list, ({ score }) => score);
        const groups = list.map(({ group }) => group);
        const expected = [0, 1, 2, 3].flatMap((group) => {
          const members = [...list.keys()].filter((index) => groups[index] === group);
          const own = boxesOf(members.map((index) => list[index]!.box));
          return [
            ...nms(
              own,
              Float32Array.from(members, (index) => scores[index]!),
              threshold,
            ),
          ].map((at) => members[at]!);
        });
        const found = [...batchedNms(boxes, scores, groups, threshold)];
        expect([...found].sort()).toEqual(expected.sort());
        expect(found.every((index, at) => at === 0 || scores[found[at - 1]!]! >= scores[index]!)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('decides at the threshold in float32', () => {
    expect([...nms(Float32Array.of(0, 0, 10, 10, 0, 0, 5, 10), Float32Array.of(2, 1), 0.5)]).toEqual([0, 1]);
    expect([...nms(Float32Array.of(1, 1, 2, 3, 0, 0, 2, 2), Float32Array.of(3, 2), 0.2)]).toEqual([0]);
  });

  it('takes scores of NaN first, and boxes of NaN as apart from all', () => {
    const boxes = Float32Array.of(0, 0, 1, 1, 0, 0, 1, 1, Number.NaN, 0, 1, 1, Number.NaN, 0, 1, 1);
    expect([...nms(boxes, Float32Array.of(1, Number.NaN, 3, 2), 0.5)]).toEqual([1, 2, 3]);
    expect([...nms(new Float32Array(), new Float32Array(), 0.5)]).toEqual([]);
  });

  it('refuses what it is not for', () => {
    const one = Float32Array.of(0, 0, 1, 1);
    const code = (code: string) => expect.objectContaining({ code });
    expect(() => nms(one, Float32Array.of(1, 2), 0.5)).toThrow(code('SHAPE_MISMATCH'));
    expect(() => nms(Float32Array.of(0, 0, 1), Float32Array.of(1), 0.5)).toThrow(code('SHAPE_MISMATCH'));
    expect(() => nms(one, Float32Array.of(1), Number.NaN)).toThrow(code('OPTION_INVALID'));
    expect(() => batchedNms(one, Float32Array.of(1), [], 0.5)).toThrow(code('SHAPE_MISMATCH'));
  });
});

describe('boxIou', () => {
  it('is the same both ways, from 0 to 1, and 1 for a box with itself', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const [first, second] = [boxesOf([a]), boxesOf([b])];
        const overlap = boxIou(first, second)[0]!;
        expect(boxIou(second, first)[0]).toBe(overlap);
        if (!Number.isNaN(overlap)) expect(overlap >= 0 && overlap <= 1.00001).toBe(true);
        const self = boxIou(first, first)[0]!;
        const hasArea = first[2]! > first[0]! && first[3]! > first[1]!;
        if (hasArea && self !== 1)
          expect((first[2]! - first[0]!) * (first[3]! - first[1]!)).toBeLessThan(1e-37);
      }),
    );
  });
});

describe('codes', () => {
  const fine = fc
    .tuple(...[0, 1, 2, 3].map(() => fc.float({ min: 1, max: 50, noNaN: true })))
    .map(([x, y, width, height]) => [x!, y!, x! + width!, y! + height!]);

  it('decode to the box that was encoded', () => {
    fc.assert(
      fc.property(fine, fine, (wanted, reference) => {
        const [boxes, references] = [boxesOf([wanted]), boxesOf([reference])];
        const codes = encodeBoxes(boxes, references, [10, 10, 5, 5]);
        const found = decodeBoxes(codes, references, [10, 10, 5, 5]);
        for (const [index, value] of found.entries())
          expect(Math.abs(value - boxes[index]!)).toBeLessThan(1e-3);
      }),
    );
  });

  it('of a known box', () => {
    const [truth, anchor] = [Float32Array.of(10, 20, 50, 100), Float32Array.of(0, 0, 40, 40)];
    const rounded = (values: Float32Array) => [...values].map((value) => value.toFixed(5));
    expect(rounded(encodeBoxes(truth, anchor, [1, 1, 1, 1]))).toEqual([
      '0.25000',
      '1.00000',
      '0.00000',
      '0.69315',
    ]);
    expect(rounded(encodeBoxes(truth, anchor, [10, 10, 5, 5]))).toEqual([
      '2.50000',
      '10.00000',
      '0.00000',
      '3.46574',
    ]);
  });

  it('make no box more than 62.5 times wider', () => {
    const [x1, , x2] = decodeBoxes(Float32Array.of(0, 0, 100, 0), Float32Array.of(0, 0, 1, 1), [1, 1, 1, 1]);
    expect(x2! - x1!).toBeCloseTo(62.5, 4);
  });

  it('must be as many as references', () => {
    const shape = expect.objectContaining({ code: 'SHAPE_MISMATCH' });
    expect(() => encodeBoxes(new Float32Array(8), new Float32Array(4), [1, 1, 1, 1])).toThrow(shape);
    expect(() => decodeBoxes(new Float32Array(12), new Float32Array(8), [1, 1, 1, 1])).toThrow(shape);
    expect(() => decodeBoxes(new Float32Array(4), new Float32Array(0), [1, 1, 1, 1])).toThrow(shape);
  });
});

describe('clipBoxes', () => {
  it('leaves nothing outside, and what was inside', () => {
    const anywhere = fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(anywhere, (values) => {
        const boxes = Float32Array.from(values);
        clipBoxes(boxes, 30, 40);
        for (const [index, value] of boxes.entries()) {
          const limit = index % 2 === 0 ? 40 : 30;
          expect(value >= 0 && value <= limit).toBe(true);
          if (values[index]! >= 0 && values[index]! <= limit) expect(value === values[index]).toBe(true);
        }
      }),
    );
  });
});

describe('anchors', () => {
  it('have corners at whole pixels, halves to the even one', () => {
    const one = (size: number, ratio = 1) => [...makeAnchors({ sizes: [size], ratios: [ratio] })];
    expect(one(32, 0.5)).toEqual([-23, -11, 23, 11]);
    expect(one(128, 0.5)).toEqual([-91, -45, 91, 45]);
    expect(one(512, 0.5)).toEqual([-362, -181, 362, 181]);
    expect(one(17)).toEqual([-8, -8, 8, 8]);
    expect(() => one(0)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('of an image of 800×1088', () => {
    const cells = makeAnchors({ sizes: [32], ratios: [0.5, 1, 2] });
    const grids = [200, 272, 100, 136, 50, 68, 25, 34, 13, 17];
    const counts = [0, 2, 4, 6, 8].map((at) => {
      const [rows, columns] = [grids[at]!, grids[at + 1]!];
      const [strideY, strideX] = [Math.floor(800 / rows), Math.floor(1088 / columns)];
      const anchors = gridAnchors(cells, { rows, columns, strideY, strideX });
      if (at === 8)
        expect([...anchors.slice(-4)]).toEqual([16 * 64 - 11, 12 * 61 - 23, 16 * 64 + 11, 12 * 61 + 23]);
      return anchors.length / 4;
    });
    expect(counts.reduce((sum, count) => sum + count)).toBe(217_413);
  });

  it('refuse cells that are not boxes, and strides that are not numbers', () => {
    const grid = { rows: 1, columns: 2, strideY: 16, strideX: 16 };
    const code = (code: string) => expect.objectContaining({ code });
    expect(() => gridAnchors(Float32Array.of(1, 2, 3), grid)).toThrow(code('SHAPE_MISMATCH'));
    for (const stride of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => gridAnchors(new Float32Array(4), { ...grid, strideX: stride })).toThrow(
        code('OPTION_INVALID'),
      );
    }
  });

  it('of a level', () => {
    const levels = { canonicalSize: 224, canonicalLevel: 4, lowest: 2, highest: 5 };
    expect([111, 112, 224, 448, 10, 0].map((side) => levelOf([0, 0, side, side], levels))).toEqual([
      2, 3, 4, 5, 2, 2,
    ]);
    expect(levelOf([0, 0, Number.NaN, 1], levels)).toBe(2);
  });
});

describe('matchBoxes', () => {
  it('gives each box the object that it overlaps most, if that is enough', () => {
    const list = fc.array(box, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(list, list, (objects, candidates) => {
        const [truths, boxes] = [boxesOf(objects), boxesOf(candidates)];
        const overlaps = boxIou(truths, boxes);
        const matches = matchBoxes(truths, boxes, { high: 0.5, low: 0.25, allowLowQuality: false });
        for (const [index, match] of matches.entries()) {
          const own = objects.map((_, object) => overlaps[object * candidates.length + index]! || 0);
          const most = Math.max(...own);
          expect(match).toBe(most >= 0.5 ? own.indexOf(most) : most >= 0.25 ? BETWEEN : -1);
        }
      }),
    );
  });

  it('refuses limits that are not shares, or not in order', () => {
    const one = Float32Array.of(0, 0, 1, 1);
    for (const [high, low] of [
      [Number.NaN, 0.3],
      [0.7, Number.NaN],
      [1.5, 0.3],
      [0.7, -0.1],
      [0.3, 0.7],
    ]) {
      expect(() => matchBoxes(one, one, { high: high!, low: low!, allowLowQuality: false })).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    }
  });

  it('is background where there are no objects', () => {
    const boxes = Float32Array.of(0, 0, 1, 1, 0, 0, 2, 2);
    expect([
      ...matchBoxes(new Float32Array(), boxes, { high: 0.7, low: 0.3, allowLowQuality: true }),
    ]).toEqual([-1, -1]);
  });
});
