import { formatCount, formatPercent } from '@resnet/core';
import type { MetricsRecord, TestRecord, TrainRecord } from '../logging/metrics.js';
import type { CommonRecipe } from '../recipe/common-recipe.js';
import { markdownTable } from './markdown-table.js';

export interface RunDescription {
  /** Its name comes first; the rest is listed. */
  architecture: Readonly<{ name: string }>;
  /** Learned values. */
  parameters: number;
  recipe: CommonRecipe;
  /** Names and sizes of the data. */
  train: { name: string; count: number };
  test: { name: string; count: number };
  /** Where it ran. */
  device: string;
  /** Seconds of this session; a resumed run had others before. */
  seconds: number;
  records: readonly MetricsRecord[];
}

/** A run in Markdown: network, recipe, data and results. */
export function formatReport(run: RunDescription): string {
  const { architecture, recipe, records } = run;
  const tests = records.filter((record): record is TestRecord => record.kind === 'test');
  const last = tests.at(-1);
  const best = tests.reduce<TestRecord | undefined>((a, b) => (a && a.error <= b.error ? a : b), undefined);
  const trained = records.filter((record): record is TrainRecord => record.kind === 'train');
  const waiting = trained.reduce((sum, record) => sum + record.waiting, 0) / Math.max(1, trained.length);
  const { name, ...numbers } = recipe;
  const details = Object.entries(architecture).map(([key, value]) => [key, String(value)] as const);
  return [
    `# ${architecture.name}, trained on ${run.train.name}`,
    '',
    last
      ? `Test error **${formatPercent(last.error)}** (${Math.round(last.error * last.count)} of ${formatCount(last.count)} images wrong) after ${formatCount(last.iteration)} iterations; lowest on the way ${formatPercent(best!.error)}, at ${formatCount(best!.iteration)}.`
      : 'No test has been made yet.',
    '',
    '![Training and test error against iterations](curves.svg)',
    '',
    '## Network',
    '',
    ...markdownTable([
      ['network', 'value'],
      ...details.slice(1),
      ['parameters', formatCount(run.parameters)],
    ]),
    '',
    `## Recipe: ${name}`,
    '',
    ...markdownTable([
      ['setting', 'value'],
      ...Object.entries(numbers).map(([key, value]) => [key, settingText(value)] as const),
    ]),
    '',
    '## Data and machine',
    '',
    ...markdownTable([
      ['', ''],
      ['training images', `${formatCount(run.train.count)} (${run.train.name})`],
      ['test images', `${formatCount(run.test.count)} (${run.test.name})`],
      ['device', run.device],
      ['time of this session', `${run.seconds.toFixed(0)} s`],
      ['waited for data', `${formatPercent(waiting)} of the time`],
    ]),
    '',
    '## Tests',
    '',
    ...markdownTable([
      ['iteration', 'epoch', 'test error', 'loss'],
      ...tests.map((test) => [
        String(test.iteration),
        test.epoch.toFixed(2),
        formatPercent(test.error),
        test.loss === undefined ? '' : test.loss.toFixed(4),
      ]),
    ]),
    '',
  ].join('\n');
}

/** 'steps: milestones 32000, 48000, factor 0.1' for a schedule; numbers and words as they are. */
function settingText(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  const { kind, ...rest } = value as { kind: string };
  const parts = Object.entries(rest).map(([key, each]) => `${key} ${[each].flat().join(', ')}`);
  return [kind, ...(parts.length > 0 ? [parts.join(', ')] : [])].join(': ');
}
