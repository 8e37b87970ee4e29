import { describe, expect, it } from 'vitest';
import { drawLosses, drawPrecision } from './detector-curves.js';

/** The points of the curve of a color, in pixels of the frame: 560 × 340. */
function curve(svg: string, color: string): number[][] {
  const [, path] = new RegExp(`<path d="(M[^"]*L[^"]*)" stroke="${color}"`).exec(svg)!;
  return path!
    .split(/[ML]/)
    .slice(1)
    .map((point) => point.split(',').map(Number));
}

describe('drawPrecision', () => {
  it('draws 1 − error of the tests, so that better is higher, and nothing of training', async () => {
    const records = [
      { kind: 'train', iteration: 1, error: 0.01 },
      { kind: 'test', iteration: 1, error: 0.8 },
      { kind: 'test', iteration: 2, error: 0.6 },
    ] as const;
    const svg = await drawPrecision('Detectors', [
      { label: 'one', records },
      { label: 'other', records },
    ]);
    for (const text of ['mAP (%)', 'one', 'other']) expect(svg).toContain(`>${text}</text>`);
    // The axis ends at 40 %.
    expect(curve(svg, '#4c78a8')).toEqual([
      [280, 170],
      [560, 0],
    ]);
  });
});

describe('drawLosses', () => {
  it('draws a curve for each name', async () => {
    const records = [
      { iteration: 2, losses: { box: 4, class: 1 } },
      { iteration: 3 },
      { iteration: 4, losses: { box: 2, class: 1 } },
    ];
    const svg = await drawLosses('Losses', records);
    for (const text of ['loss', 'box', 'class']) expect(svg).toContain(`>${text}</text>`);
    expect(curve(svg, '#4c78a8')).toEqual([
      [280, 0],
      [560, 170],
    ]);
    expect(curve(svg, '#f58518')).toEqual([
      [280, 255],
      [560, 255],
    ]);
    expect(await drawLosses('none', [])).not.toContain('NaN');
  });
});
