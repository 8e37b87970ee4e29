import { ResnetError } from '@resnet/core';
import { summarized, worstOf } from '../metrics/tally.js';
import type { Confusion, Evaluation, RealLabelCounts } from './evaluation.js';

/**
 * Adds up evaluations of parts of a set, to what an evaluation of all of them would have found: counts and losses exactly,
 * whatever the parts and their order; seconds are added too.
 *
 * @throws OPTION_INVALID if there are none, they overlap, or they have other classes
 */
export function mergeEvaluations(parts: readonly Evaluation[]): Evaluation {
  const refuse = (message: string): never => {
    throw new ResnetError('OPTION_INVALID', message);
  };
  const [some] = parts;
  if (!some) return refuse('There are no evaluations to merge.');
  const { classes } = some;
  const other = parts.find((part) => part.classes !== classes);
  if (other)
    refuse(`Evaluations of ${classes} and of ${other.classes} classes are of different networks or sets.`);
  const withReal = parts.filter(({ realLabels }) => realLabels);
  if (withReal.length > 0 && withReal.length < parts.length) {
    refuse('Some of the evaluations used real labels and others did not. Repeat them alike.');
  }
  const broken = parts.flatMap((part) => part.broken ?? []).sort((a, b) => a - b);
  return summarized({
    ...(broken.length > 0 ? { broken } : {}),
    ranges: joined(parts.flatMap(({ ranges }) => ranges)),
    classes,
    lossSum: total(parts.map(({ lossSum }) => lossSum)),
    ranks: some.ranks.map((_, rank) => total(parts.map(({ ranks }) => ranks[rank]!))),
    confusions: mergeConfusions(parts.flatMap(({ confusions }) => confusions)),
    calibration: some.calibration.map((_, bin) => {
      const bins = parts.map(({ calibration }) => calibration[bin]!);
      return {
        count: total(bins.map(({ count }) => count)),
        right: total(bins.map(({ right }) => right)),
        probabilitySum: total(bins.map(({ probabilitySum }) => probabilitySum)),
      };
    }),
    mistakes: worstOf(parts.flatMap(({ mistakes }) => mistakes)),
    ...(withReal.length > 0 ? { realLabels: addReal(withReal.map(({ realLabels }) => realLabels!)) } : {}),
    seconds: total(parts.map(({ seconds }) => seconds)),
  });
}

function joined(ranges: Evaluation['ranges']): Evaluation['ranges'] {
  const result: Evaluation['ranges'] = [];
  for (const [first, end] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last && first < last[1]) {
      throw new ResnetError(
        'OPTION_INVALID',
        `The images ${first} to ${Math.min(end, last[1])} are in more than one of the evaluations. Merge each part once.`,
      );
    }
    if (last && first === last[1]) last[1] = end;
    else result.push([first, end]);
  }
  return result;
}

function mergeConfusions(confusions: readonly Confusion[]): Confusion[] {
  const merged = new Map<string, Confusion>();
  for (const [label, predicted, count] of confusions) {
    const pair = `${label} ${predicted}`;
    merged.set(pair, [label, predicted, count + (merged.get(pair)?.[2] ?? 0)]);
  }
  return [...merged.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

function addReal(parts: readonly RealLabelCounts[]): RealLabelCounts {
  return {
    count: total(parts.map(({ count }) => count)),
    top1Errors: total(parts.map(({ top1Errors }) => top1Errors)),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
