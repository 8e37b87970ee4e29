import { describe, expect, it } from 'vitest';
import { type CurveRecord, type CurvesOptions, drawCurves } from './curves.js';

const record = (kind: CurveRecord['kind'], iteration: number, error: number): CurveRecord => ({
  kind,
  iteration,
  error,
});

/** The points of the one dashed curve, in pixels of the frame: 560 × 340. */
async function trainCurve(records: CurveRecord[], options?: CurvesOptions): Promise<number[][]> {
  const svg = await drawCurves('', [{ label: 'a', records }], options);
  const [, path] = /<path d="([^"]*)" stroke="#4c78a8"[^>]*stroke-dasharray="5,4"/.exec(svg)!;
  return path!
    .split(/[ML]/)
    .slice(1)
    .map((point) => point.split(',').map(Number));
}

describe('drawCurves', () => {
  it('draws a dashed training and a solid test curve for each network, whatever its name', async () => {
    const records = [
      record('train', 1, 0.9),
      record('test', 1, 0.8),
      record('train', 2, 0.5),
      record('test', 2, 0.6),
    ];
    const svg = await drawCurves('Figure <6>', [
      { label: 'ResNet-20', records },
      { label: 'plain & simple', records },
    ]);
    expect(svg.match(/stroke-dasharray="5,4"\/?>/g)!.length).toBeGreaterThanOrEqual(2);
    expect(svg).toContain('Figure &lt;6&gt;');
    expect(svg).toContain('plain &amp; simple');
    expect(svg).toContain('error (%)');
    expect(svg).not.toContain('NaN');
  });

  it('draws an empty run', async () => {
    const svg = await drawCurves('nothing yet', [{ label: 'ResNet-20', records: [] }]);
    expect(svg).toMatch(/<\/svg>\n$/);
    expect(svg).not.toContain('NaN');
  });

  it('counts iterations as the paper does where there are ten thousand', async () => {
    const records = (last: number) => [record('train', 1000, 0.9), record('train', last, 0.5)];
    const titleOf = async (last: number) => {
      const svg = await drawCurves('', [{ label: 'a', records: records(last) }]);
      return />(iterations[^<]*)</.exec(svg)![1];
    };
    expect(await titleOf(9_999)).toBe('iterations');
    expect(await titleOf(64_000)).toBe('iterations (1e4)');
  });

  it('averages train records: the given number, or so many that 200 points are left', async () => {
    const records = Array.from({ length: 1000 }, (_, index) =>
      record('train', index + 1, index % 2 === 0 ? 0.5 : 0.7),
    );
    expect(await trainCurve(records, { smooth: 1 })).toHaveLength(1000);
    expect(await trainCurve(records)).toHaveLength(200);
    const smooth = await trainCurve(records, { smooth: 300 });
    // At 300, 600, 900 and 1000 of 1000 iterations, all of one height.
    expect(smooth.map(([x]) => x)).toEqual([168, 336, 504, 560]);
    expect(new Set(smooth.map(([, y]) => y)).size).toBe(1);
  });

  it('ends the axis of the error where it is told to', async () => {
    const records = [record('train', 1, 0.9), record('train', 2, 0.1)];
    const [first, last] = await trainCurve(records, { maxError: 0.2 });
    // The frame is 340 high; what is above it is cut off.
    expect(first![1]).toBeLessThan(0);
    expect(last).toEqual([560, 170]);
    expect(await drawCurves('', [{ label: 'a', records }], { maxError: 0.2 })).toContain('clip-path="url(#');
  });

  it.each([
    [{ smooth: 0 }, 'smooth must be an integer of at least 1, found 0'],
    [{ smooth: 1.5 }, 'found 1.5'],
    [{ maxError: 20 }, "'maxError' must be a share above 0 and at most 1, found 20"],
  ])('refuses %j', async (options, message) => {
    await expect(drawCurves('', [{ label: 'a', records: [] }], options)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(message),
    });
  });

  it('refuses more networks than it has colors', async () => {
    const networks = Array.from({ length: 11 }, (_, index) => ({ label: String(index), records: [] }));
    await expect(drawCurves('', networks)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
