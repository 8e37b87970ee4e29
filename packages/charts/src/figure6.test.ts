import { describe, expect, it } from 'vitest';
import { drawFigure6 } from './figure6.js';

const records = [
  { kind: 'train', iteration: 10, error: 0.9 },
  { kind: 'train', iteration: 20, error: 0.1 },
  { kind: 'test', iteration: 20, error: 0.1 },
] as const;

const curves = (names: string[], testError: number) =>
  names.map((label) => ({ label, records, trainingError: 0.1, testError }));

describe('drawFigure6', () => {
  it('draws two frames side by side, in which names of parts differ', async () => {
    const svg = await drawFigure6(curves(['plain20', 'plain56'], 0.1), curves(['resnet20', 'resnet56'], 0.1));
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 \d+(\.\d+)? \d+(\.\d+)?">.*<\/svg>\n$/s);
    expect(svg.match(/<svg /g)).toHaveLength(3);
    for (const text of ['Plain networks', 'Residual networks', 'plain56', 'resnet56'])
      expect(svg).toContain(`>${text}</text>`);
    const names = [...svg.matchAll(/ id="([^"]*)"/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [, used] of svg.matchAll(/url\(#([^)]*)\)/g)) expect(names).toContain(used);
  });

  it('ends both axes of the error at 20 % as the paper, or at 100 % if a network is above', async () => {
    const ticks = async (end: number) => {
      const svg = await drawFigure6(curves(['a'], 0.1), curves(['b'], end));
      return ['20', '100'].map((tick) => svg.split(`>${tick}</text>`).length - 1);
    };
    const [low, high] = [await ticks(0.1), await ticks(0.3)];
    expect(low[1]).toBe(0);
    expect(high[1]).toBe(2);
  });
});
