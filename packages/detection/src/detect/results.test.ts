import { expect, it } from 'vitest';
import { inImage, objectsIn } from './results.js';

const settings = { score: 0.05, overlap: 0.5, voting: null, count: 100, smallest: 1e-2 };
/** Two regions, and the background with two classes. */
const regions = Float32Array.of(0, 0, 10, 10, 1, 0, 11, 10);
const probabilities = Float32Array.of(0.2, 0.7, 0.1, 0.3, 0.6, 0.04);
const deltas = new Float32Array(2 * 3 * 4);

it('gives a box for each class of a region, without those that overlap a better one of their class', () => {
  const found = objectsIn({ regions, probabilities, deltas }, [20, 20], settings);
  expect([...found.labels]).toEqual([0, 1]);
  expect([...found.boxes]).toEqual([0, 0, 10, 10, 0, 0, 10, 10]);
  expect(found.scores[0]).toBeCloseTo(0.7, 6);
});

it('clips boxes to the image, and leaves out those outside of it', () => {
  const found = objectsIn({ regions, probabilities, deltas }, [20, 6], settings);
  expect([...found.boxes]).toEqual([0, 0, 6, 10, 0, 0, 6, 10]);
  const outside = Float32Array.of(30, 30, 40, 40);
  const none = objectsIn(
    { regions: outside, probabilities: probabilities.subarray(0, 3), deltas: deltas.subarray(0, 12) },
    [20, 20],
    settings,
  );
  expect(none.labels).toHaveLength(0);
});

it('keeps the best, and finds nothing in no regions', () => {
  const one = objectsIn({ regions, probabilities, deltas }, [20, 20], { ...settings, count: 1 });
  expect([...one.labels]).toEqual([0]);
  const empty = new Float32Array(0);
  const none = objectsIn({ regions: empty, probabilities: empty, deltas: empty }, [20, 20], settings);
  expect(none.scores).toHaveLength(0);
});

it('lets boxes of a class vote by their scores', () => {
  const found = objectsIn({ regions, probabilities, deltas }, [20, 20], { ...settings, voting: 0.5 });
  expect([...found.labels]).toEqual([0, 1]);
  // 0.7 for the box from 0 and 0.6 for that from 1; of the second class the second box is below the lowest score.
  expect(found.boxes[0]).toBeCloseTo(0.6 / 1.3, 5);
  expect(found.boxes[2]).toBeCloseTo(10 + 0.6 / 1.3, 5);
  expect([...found.boxes.subarray(4)]).toEqual([0, 0, 10, 10]);
});

it('scales boxes back to the image', () => {
  const found = {
    boxes: Float32Array.of(10, 20, 30, 40),
    labels: Int32Array.of(0),
    scores: Float32Array.of(1),
  };
  expect([...inImage(found, [100, 200], [50, 400]).boxes]).toEqual([20, 10, 60, 20]);
});
