import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/boxes.json' with { type: 'json' };
import { matchBoxes } from '../sampling/match-boxes.js';
import { Numbers } from '../testing/numbers.js';
import { gridAnchors, levelOf, makeAnchors } from './anchors.js';
import { type Boxes, clipBoxes } from './boxes.js';
import { type CodeWeights, decodeBoxes, encodeBoxes } from './coding.js';
import { boxIou } from './iou.js';
import { batchedNms, nms } from './nms.js';

// Inputs come from the generator that scripts/fixtures/boxes.py and this file have in common.

function madeBoxes(seed: number, count: number, step: number, side = 60000): Boxes {
  const numbers = new Numbers(seed);
  const boxes = Array.from({ length: count }, () => {
    const [x, y] = [0, 1].map(() => numbers.below(Math.floor(200000 / step)) * step);
    const [width, height] = [0, 1].map(() => numbers.below(Math.floor(side / step)) * step);
    return [x! / 1000, y! / 1000, (x! + width!) / 1000, (y! + height!) / 1000];
  });
  return Float32Array.from(boxes.flat());
}

const raised = (boxes: Boxes) => boxes.map((value, index) => value + (index % 4 < 2 ? 0 : 8));

function madeValues(seed: number, count: number, limit: number, divisor: number): Float32Array {
  const numbers = new Numbers(seed);
  return Float32Array.from({ length: count }, () => numbers.below(limit) / divisor);
}

const floats = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);

/** How many float32 numbers lie between two, at most. */
function furthest(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  const [a, b] = [found, expected].map((values) => new Int32Array(Float32Array.from(values).buffer));
  return a!.reduce((most, bits, index) => Math.max(most, Math.abs(bits - b![index]!)), 0);
}

describe('as torchvision, bit for bit', () => {
  it('boxIou', () => {
    expect(boxIou(madeBoxes(1, 20, 1), madeBoxes(2, 30, 1))).toEqual(floats(fixture.overlaps.fine));
    expect(boxIou(madeBoxes(3, 20, 10000), madeBoxes(4, 30, 10000))).toEqual(floats(fixture.overlaps.coarse));
  });

  it.each(fixture.nms)('nms at $threshold of boxes on a grid of $step', ({ seed, step, threshold, kept }) => {
    const [boxes, scores] = [madeBoxes(10 + seed, 300, step), madeValues(20 + seed, 300, 100, 100)];
    expect([...nms(boxes, scores, threshold)]).toEqual(kept);
  });

  it('batchedNms', () => {
    const [boxes, scores] = [madeBoxes(30, 1200, 500), madeValues(31, 1200, 2 ** 24, 2 ** 24)];
    const numbers = new Numbers(32);
    const groups = Array.from({ length: 1200 }, () => numbers.below(7));
    expect([...batchedNms(boxes, scores, groups, 0.3)]).toEqual(fixture.batched);
  });

  it.each(fixture.anchors)('anchors of $sizes and $ratios', (level) => {
    const cells = makeAnchors(level);
    expect([...cells]).toEqual([...floats(level.cells)]);
    const [strideY, strideX] = level.strides as [number, number];
    const anchors = gridAnchors(cells, { rows: level.rows, columns: level.columns, strideY, strideX });
    expect(anchors.length).toBe(4 * level.count);
    expect(anchors.reduce((sum, value) => sum + value, 0)).toBe(level.sum);
    expect(anchors.slice(-4)).toEqual(floats(level.last));
  });

  it.each(fixture.matching)(
    'matchBoxes from $high, below $low, low quality $lowQuality, grid $step',
    (config) => {
      const { step, high, low, lowQuality, matches } = config;
      const [truths, boxes] = [raised(madeBoxes(50, 12, step)), raised(madeBoxes(51, 400, step))];
      expect([...matchBoxes(truths, boxes, { high, low, allowLowQuality: lowQuality })]).toEqual(matches);
    },
  );

  it('clipBoxes', () => {
    const boxes = madeBoxes(70, 30, 1).map((value) => value - 20);
    clipBoxes(boxes, 150, 170);
    expect([...boxes].map((value) => value + 0)).toEqual(
      [...floats(fixture.clipped)].map((value) => value + 0),
    );
  });
});

describe('as torchvision, but for the last bits of exp and log', () => {
  const [boxes, references] = [raised(madeBoxes(40, 40, 1)), raised(madeBoxes(41, 40, 1))];
  const deltas = madeValues(42, 480, 4000, 1000).map((value, index) => (index % 29 === 0 ? 100 : value - 2));

  it.each(fixture.coding)('encodeBoxes and decodeBoxes with weights $weights', (expected) => {
    const weights = expected.weights as unknown as CodeWeights;
    const encoded = encodeBoxes(boxes, references, weights);
    // A logarithm's last bit, which a weight can make two.
    expect(furthest(encoded, floats(expected.encoded))).toBeLessThanOrEqual(2);
    const centers = (values: Float32Array) => values.filter((_, index) => index % 4 < 2);
    expect(centers(encoded)).toEqual(centers(floats(expected.encoded)));
    const one = decodeBoxes(deltas.slice(0, 160), references, weights);
    expect(furthest(one, floats(expected.one))).toBeLessThanOrEqual(1);
    const many = decodeBoxes(deltas, references, weights);
    expect(furthest(many, floats(expected.many))).toBeLessThanOrEqual(1);
  });

  it('levelOf', () => {
    const levels = { canonicalSize: 224, canonicalLevel: 4, lowest: 2, highest: 5 };
    const squares = fixture.levels.sides.map((side) => Float32Array.of(5, 7, 5 + side, 7 + side));
    expect(squares.map((box) => levelOf(box, levels))).toEqual(fixture.levels.squares);
    const made = madeBoxes(60, 200, 1, 900000);
    const found = Array.from({ length: 200 }, (_, index) =>
      levelOf(made.subarray(4 * index, 4 * index + 4), levels),
    );
    expect(found).toEqual(fixture.levels.made);
  });
});
