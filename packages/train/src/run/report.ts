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
  /** What is told of tests: their error (the default), or what 1 − error is: of detectors mAP, of proposals recall. */
  score?: Score;
}

export type Score = 'error' | 'mAP' | 'recall';

/** A run in Markdown: network, recipe, data and results. */
export function formatReport(run: RunDescription): string {
  const { recipe, records, score = 'error' } = run;
  const { name: network, ...architecture } = run.architecture;
  const tests = records.filter((record): record is TestRecord => record.kind === 'test');
  const trained = records.filter((record): record is TrainRecord => record.kind === 'train');
  const waiting = trained.reduce((sum, record) => sum + record.waiting, 0) / Math.max(1, trained.length);
  const { name, ...numbers } = recipe;
  const details = Object.entries(architecture).map(([key, value]) => [key, settingText(value)] as const);
  return [
    `# ${network}, trained on ${run.train.name}`,
    '',
    describeTests(tests, score),
    '',
    `![${score === 'error' ? 'Training and test error' : score} against iterations](curves.svg)`,
    '',
    '## Network',
    '',
    ...markdownTable([['network', 'value'], ...details, ['parameters', formatCount(run.parameters)]]),
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
    ...markdownTable(testRows(tests, score)),
    '',
    ...lossLines(trained, tests),
  ].join('\n');
}

function describeTests(tests: readonly TestRecord[], score: Score): string {
  const last = tests.at(-1);
  if (!last) return 'No test has been made yet.';
  const best = tests.reduce((a, b) => (a.error <= b.error ? a : b));
  const after = `after ${formatCount(last.iteration)} iterations`;
  const bestAt = `at ${formatCount(best.iteration)}.`;
  const [value, images] = [scoreText(last, score), formatCount(last.count)];
  if (score !== 'error') {
    return `${score} **${value}** on ${images} images ${after}; highest on the way ${scoreText(best, score)}, ${bestAt}`;
  }
  const wrong = `${Math.round(last.error * last.count)} of ${images} images wrong`;
  return `Test error **${value}** (${wrong}) ${after}; lowest on the way ${scoreText(best, score)}, ${bestAt}`;
}

function scoreText({ error }: TestRecord, score: Score): string {
  return formatPercent(score === 'error' ? error : 1 - error);
}

function testRows(tests: readonly TestRecord[], score: Score): string[][] {
  const measures = namesOf(tests.map(({ measures }) => measures));
  const hasLoss = tests.length === 0 || tests.some(({ loss }) => loss !== undefined);
  const header = ['iteration', 'epoch', score === 'error' ? 'test error' : score];
  return [
    [...header, ...(hasLoss ? ['loss'] : []), ...measures],
    ...tests.map((test) => [
      ...[String(test.iteration), test.epoch.toFixed(2), scoreText(test, score)],
      ...(hasLoss ? [numberText(test.loss)] : []),
      ...measures.map((name) => numberText(test.measures?.[name])),
    ]),
  ];
}

/** What the loss was made of in the last steps before each test, where the task says it. */
function lossLines(trained: readonly TrainRecord[], tests: readonly TestRecord[]): string[] {
  const names = namesOf(trained.map(({ losses }) => losses));
  if (names.length === 0) return [];
  const before = tests.flatMap(
    ({ iteration }) => trained.findLast((record) => record.iteration <= iteration) ?? [],
  );
  const rows = before.map(({ iteration, loss, losses }) => [
    ...[String(iteration), numberText(loss)],
    ...names.map((name) => numberText(losses?.[name])),
  ]);
  return ['## Losses in training', '', ...markdownTable([['iteration', 'loss', ...names], ...rows]), ''];
}

function namesOf(records: readonly (Readonly<Record<string, number>> | undefined)[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record ?? {})))];
}

function numberText(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(4);
}

/** 'steps: milestones 32000, 48000, factor 0.1' for a schedule; numbers and words as they are. */
function settingText(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return listText(value);
  const { kind, ...rest } = value as { kind?: unknown };
  const parts = Object.entries(rest).map(([key, each]) => `${key} ${partText(each)}`);
  return [...(typeof kind === 'string' ? [kind] : []), ...(parts.length > 0 ? [parts.join(', ')] : [])].join(
    ': ',
  );
}

/** Of a setting within a setting. */
function partText(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? `(${settingText(value)})` : settingText(value);
}

/** Lists of lists, as the sides of anchors by level, keep their brackets. */
function listText(values: readonly unknown[]): string {
  return values.some(Array.isArray) ? JSON.stringify(values) : values.join(', ');
}
