import { expect, it } from 'vitest';
import { lineRecipe } from '../fit/testing.js';
import { formatReport, type RunDescription } from './report.js';

it('lists settings within settings', () => {
  const architecture = {
    name: 'detector',
    stages: ['layer2', 'layer3'],
    anchors: { sizes: [[16], [32]], ratios: [0.5, 1] },
    head: { kind: 'two-layer', size: 7, pooling: { of: 'align' } },
    limit: null,
  };
  const set = { name: 'made', count: 2 };
  const run = {
    parameters: 1000,
    recipe: lineRecipe,
    train: set,
    test: set,
    device: 'here',
    seconds: 1,
    records: [],
  };
  const report = formatReport({ ...run, architecture } as RunDescription);
  for (const row of [
    '| stages | layer2, layer3 |',
    '| anchors | sizes [[16],[32]], ratios 0.5, 1 |',
    '| head | two-layer: size 7, pooling (of align) |',
    '| limit | none |',
  ]) {
    expect(report).toContain(row);
  }
  expect(report).not.toContain('[object');
});
