import { ResnetError } from '@resnet/core';
import type { MetricsRecord } from '@resnet/train';
import type { Run } from './read-run.js';

/** What tests of a run are told by: their error, or what 1 − error is. */
export type Score = 'error' | 'mAP' | 'recall';

/**
 * What the tests of runs are told by; runs without a test yet are as the others.
 *
 * @throws OPTION_INVALID if they are told by different numbers
 */
export function scoreOf(runs: readonly Run[]): Score {
  const scores = runs.flatMap(({ folder, records }) => {
    const score = scoreOfRun(records);
    return score ? [{ folder, score }] : [];
  });
  const [first] = scores;
  const other = scores.find(({ score }) => score !== first!.score);
  if (!other) return first?.score ?? 'error';
  throw new ResnetError(
    'OPTION_INVALID',
    `Runs in one picture must have the same kind of tests: ${first!.folder} has the ${first!.score} of its tests, ${other.folder} the ${other.score}. Draw them one by one.`,
  );
}

function scoreOfRun(records: readonly MetricsRecord[]): Score | undefined {
  const test = records.find((record) => record.kind === 'test');
  if (!test) return undefined;
  const measures = 'measures' in test ? Object.keys(test.measures ?? {}) : [];
  if (measures.includes('cocoAp')) return 'mAP';
  return measures.includes('averageRecall') ? 'recall' : 'error';
}
