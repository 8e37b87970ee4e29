import { gridAnchors, makeAnchors } from '@resnet/boxes';
import { expect, it } from 'vitest';
import { propose } from './propose.js';

const settings = { before: 10, after: 10, overlap: 0.7, smallest: 1 };
const anchors = gridAnchors(makeAnchors({ sizes: [8], ratios: [1] }), {
  ...{ rows: 1, columns: 3, strideY: 8, strideX: 20 },
});

function outputs(logits: number[], deltas: number[] = new Array(12).fill(0)) {
  return { logits: Float32Array.from(logits), deltas: Float32Array.from(deltas) };
}

it('proposes the best first, clipped to the image', () => {
  const { boxes, scores } = propose([outputs([0, 2, 1])], [anchors], [30, 42], settings);
  expect([...boxes]).toEqual([16, 0, 24, 4, 36, 0, 42, 4, 0, 0, 4, 4]);
  expect(scores[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
});

it('leaves out broken boxes, boxes outside, and all but the best of a level', () => {
  const broken = outputs([3, 2, 1], [Number.NaN, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0]);
  expect([...propose([broken], [anchors], [30, 50], settings).boxes]).toEqual([36, 0, 44, 4]);
  const best = propose([outputs([0, 2, 1])], [anchors], [30, 42], { ...settings, before: 1 });
  expect([...best.boxes]).toEqual([16, 0, 24, 4]);
  const first = propose([outputs([0, 2, 1])], [anchors], [30, 42], { ...settings, after: 2 });
  expect(first.scores).toHaveLength(2);
});

it('lets a box suppress others of its level only', () => {
  const level = outputs([2, 1, 0], [0, 0, 0, 0, -2.4, 0, 0, 0, 0, 0, 0, 0]);
  expect(propose([level], [anchors], [30, 60], settings).scores).toHaveLength(2);
  const two = propose([level, level], [anchors, anchors], [30, 60], settings);
  expect(two.scores).toHaveLength(4);
});

it('proposes nothing where there is nothing', () => {
  const none = propose([outputs([], [])], [new Float32Array(0)], [30, 60], settings);
  expect(none).toEqual({ boxes: new Float32Array(0), scores: new Float32Array(0) });
});
