import { describe, expect, it } from 'vitest';
import { drawCurves } from './curves.js';
import type { MetricsRecord } from './metrics.js';

const record = (kind: 'train' | 'test', iteration: number, error: number) =>
  ({
    kind,
    iteration,
    error,
    epoch: 0,
    loss: 0,
    count: 1,
    learningRate: 0,
    imagesPerSecond: 0,
    waiting: 0,
    seconds: { data: 0, forward: 0, backward: 0, update: 0 },
  }) as MetricsRecord;

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
    expect(await drawCurves('nothing yet', [{ label: 'ResNet-20', records: [] }])).toMatch(/<\/svg>\n$/);
  });
});
