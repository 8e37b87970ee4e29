import { describe, expect, it } from 'vitest';
import { drawPrecisionRecall } from './precision-recall.js';

/** The points of the curve of a color, in percent of a frame of 560 × 340. */
function curve(svg: string, color: string): number[][] {
  const [, path] = new RegExp(`<path d="(M[^"]*)" stroke="${color}"`).exec(svg)!;
  return path!
    .split(/[ML]/)
    .slice(1)
    .map((point) => point.split(',').map(Number))
    .map(([x, y]) => [(100 * x!) / 560, 100 - (100 * y!) / 340]);
}

describe('drawPrecisionRecall', () => {
  it('draws the highest precision at each recall or above, up to the highest recall', async () => {
    const cat = { name: 'cat', ap: 0.5, precision: [1, 0.5, 2 / 3, 0.6], recall: [0.25, 0.25, 0.5, 0.6] };
    const svg = await drawPrecisionRecall('Two classes', [
      cat,
      { name: 'dog', ap: 1, precision: [1], recall: [1] },
    ]);
    for (const text of ['recall (%)', 'precision (%)', 'cat: 50.0 %', 'dog: 100.0 %']) {
      expect(svg).toContain(`>${text}</text>`);
    }
    const points = curve(svg, '#4c78a8');
    expect(points).toHaveLength(121);
    for (const [x, y] of points) {
      const precision = x! < 25.1 ? 100 : x! < 50.1 ? 200 / 3 : 60;
      expect(y, `at ${x}`).toBeCloseTo(precision, 1);
    }
    expect(points.at(-1)![0]).toBeCloseTo(60, 1);
    expect(curve(svg, '#f58518').every(([, y]) => y === 100)).toBe(true);
  });

  it('draws nothing of a class of which nothing was found, and a bounded number of points', async () => {
    const none = await drawPrecisionRecall('None', [
      { name: 'a', ap: 0, precision: [], recall: [] },
      { name: 'b', ap: 0, precision: [0, 0], recall: [0, 0] },
    ]);
    expect(none).not.toContain('NaN');
    const recall = Float64Array.from({ length: 50_000 }, (_, index) => (index + 1) / 50_000);
    const many = await drawPrecisionRecall('Many', [
      { name: 'a', ap: 1, precision: recall.map(() => 1), recall },
    ]);
    expect(curve(many, '#4c78a8')).toHaveLength(201);
  });

  it('refuses classes that can’t be told apart', async () => {
    const same = { name: 'a', ap: 1, precision: [1], recall: [1] };
    await expect(drawPrecisionRecall('Same', [same, same])).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
