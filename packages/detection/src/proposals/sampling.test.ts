import { Random } from '@resnet/core';
import { describe, expect, it } from 'vitest';
import { sampleAnchors, sampleRegions } from './sampling.js';

const truth = { boxes: Float32Array.of(10, 20, 50, 100), labels: Int32Array.of(3) };
const none = { boxes: new Float32Array(0), labels: new Int32Array(0) };
const weights = [10, 10, 5, 5] as const;
const settings = { count: 8, positiveShare: 0.25, high: 0.5, low: 0.5, lowest: 0, weights };

describe('sampleRegions', () => {
  it('takes the objects themselves, with what their deltas should be', () => {
    const sample = sampleRegions(Float32Array.of(0, 0, 5, 5), truth, settings, new Random(0));
    expect([...sample.labels]).toEqual([3, 0]);
    expect([...sample.boxes]).toEqual([10, 20, 50, 100, 0, 0, 5, 5]);
    expect([...sample.deltas]).toEqual(new Array(8).fill(0));
  });

  it('encodes as R-CNN does', () => {
    const near = { ...settings, high: 0.1, low: 0.1, positiveShare: 1 };
    const sample = sampleRegions(Float32Array.of(0, 0, 40, 40), truth, near, new Random(0));
    const row = [...sample.labels.keys()].find((index) => sample.boxes[4 * index] === 0)!;
    const found = [...sample.deltas.subarray(4 * row, 4 * row + 4)];
    for (const [index, value] of [2.5, 10, 0, 3.465736].entries()) expect(found[index]).toBeCloseTo(value, 5);
  });

  it('learns only background of an image without objects', () => {
    const boxes = Float32Array.of(0, 0, 40, 40, 5, 5, 20, 20);
    const sample = sampleRegions(boxes, none, settings, new Random(0));
    expect([...sample.labels]).toEqual([0, 0]);
    expect(sampleRegions(new Float32Array(0), none, settings, new Random(0)).labels).toHaveLength(0);
  });

  it('leaves out background that is too easy, where it is to', () => {
    const boxes = Float32Array.of(200, 200, 210, 210, 10, 20, 30, 60);
    const sample = sampleRegions(boxes, truth, { ...settings, lowest: 0.1 }, new Random(0));
    expect([...sample.boxes]).toEqual([10, 20, 50, 100, 10, 20, 30, 60]);
  });

  it('takes at most the share of objects, and the same ones for the same seed', () => {
    const boxes = Float32Array.from({ length: 4 * 20 }, (_, at) => [10, 20, 50, 100][at % 4]!);
    const draw = (seed: number) => sampleRegions(boxes, truth, settings, new Random(seed));
    expect([...draw(1).labels].filter((label) => label > 0)).toHaveLength(2);
    expect(draw(1)).toEqual(draw(1));
  });
});

it('sampleAnchors matches the best anchor of an object, however little it overlaps', () => {
  const anchors = Float32Array.of(0, 0, 20, 20, 100, 100, 120, 120, 10, 20, 30, 40);
  const anchorSettings = { count: 4, positiveShare: 0.5, high: 0.7, low: 0.3, lowest: 0 };
  const { positive, negative, deltas } = sampleAnchors(anchors, truth, anchorSettings, new Random(0));
  expect([...positive]).toEqual([2]);
  expect([...negative]).toEqual([0, 1]);
  expect(deltas).toHaveLength(4);
});
