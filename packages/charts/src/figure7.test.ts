import { describe, expect, it } from 'vitest';
import { drawFigure7, type LayerDeviation } from './figure7.js';

const responses = (stds: number[], size = 3): LayerDeviation[] => stds.map((std) => ({ size, std }));

/** The points of each line, in pixels of its frame: 560 × 340. */
function linesOf(svg: string): { color: string; points: number[][] }[] {
  return [...svg.matchAll(/<path d="(M[^"]*L[^"]*)" stroke="(#[0-9a-f]{6})" stroke-width="2"/g)]
    .filter(([, path]) => !path!.includes('Z'))
    .map(([, path, color]) => ({
      color: color!,
      points: path!
        .split(/[ML]/)
        .slice(1)
        .map((point) => point.split(',').map(Number)),
    }));
}

describe('drawFigure7', () => {
  it('draws deviations in the layers’ order and from the largest down, one color a network', async () => {
    const svg = await drawFigure7([
      { label: 'plain-20', responses: responses([1, 4, 2]) },
      { label: 'ResNet & co', responses: responses([1, 0.5, 2, 4]) },
    ]);
    // The axes end at 4, for 4 layers and a deviation of 4.
    const points = (stds: number[]) => stds.map((std, index) => [140 * (index + 1), 340 - 85 * std]);
    const plain = linesOf(svg).filter(({ color }) => color === '#4c78a8');
    const residual = linesOf(svg).filter(({ color }) => color === '#f58518');
    expect(plain.slice(0, 2).map((line) => line.points)).toEqual([points([1, 4, 2]), points([4, 2, 1])]);
    expect(residual.slice(0, 2).map((line) => line.points)).toEqual([
      points([1, 0.5, 2, 4]),
      points([4, 2, 1, 0.5]),
    ]);
    const texts = ['layer index (original)', 'layer index (sorted by magnitude)', 'std', 'plain-20'];
    for (const text of [...texts, 'ResNet &amp; co']) expect(svg).toContain(`>${text}</text>`);
  });

  it('leaves out layers of other sizes', async () => {
    const mixed = [...responses([1, 2]), ...responses([9], 1), ...responses([8], 7)];
    const [line] = linesOf(await drawFigure7([{ label: 'a', responses: mixed }]));
    expect(line!.points).toHaveLength(2);
  });

  it('refuses more networks than it has colors', async () => {
    const networks = Array.from({ length: 11 }, (_, index) => ({ label: String(index), responses: [] }));
    await expect(drawFigure7(networks)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
