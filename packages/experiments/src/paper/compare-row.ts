import { defined } from '@resnet/core';
import type { Evaluation } from '@resnet/eval';
import { sampleStatistics } from '../sample-statistics.js';
import type { NetworkSizes } from './network-sizes.js';
import type { PaperNumbers, PaperQuantity, PaperRow, PaperTable } from './paper-table.js';

/** A table with the results here. */
export interface TableResult {
  table: PaperTable;
  rows: readonly RowResult[];
}

export interface RowResult {
  row: PaperRow;
  /** Missing for networks that this project does not have. */
  sizes: NetworkSizes | undefined;
  tests: readonly RowTest[];
  comparisons: readonly Comparison[];
}

/** The result of testing weights of a row. */
export interface RowTest {
  /** The files: one, or those of an ensemble. */
  weights: readonly string[];
  /** How the test differs from the paper's. */
  note?: string;
  /** Missing without data. */
  evaluation?: Evaluation;
  /** The view, and the images. */
  view?: string;
  data?: string;
}

/** A number of the paper beside what it is here. Errors are in percent. */
export interface Comparison extends Here {
  quantity: PaperQuantity;
  paper?: PaperValue;
  /** What is needed to compute it here. Neither this nor `here` is there for networks that this project does not have. */
  needs?: string;
  /** Here less the paper's, of numbers and means. */
  difference?: number;
}

interface Here {
  /** Of several weights, the best. */
  here?: PaperValue;
  /** Of an error: how many of how many images. */
  errors?: number;
  images?: number;
}

type PaperValue = NonNullable<PaperNumbers[PaperQuantity]>;

/** In the order in which they are shown. */
const quantities: readonly PaperQuantity[] = [
  'layers',
  'outputSizes',
  'blocks',
  'parameters',
  'multiplyAdds',
  'top1Error',
  'meanTop1Error',
  'top5Error',
];

/**
 * Puts the paper's numbers of a row beside those of its architecture and of tests.
 *
 * @param sizes of the row's network (`sizesOfRows`)
 * @param tests of weights that are of the row (`testWeights`)
 * @param hasData whether there are images for the table's test; otherwise they are listed in `needs`
 */
export function compareRow(
  row: PaperRow,
  sizes: NetworkSizes | undefined,
  tests: readonly RowTest[],
  hasData: boolean,
): RowResult {
  const evaluations = tests.flatMap(({ evaluation }) => evaluation ?? []);
  const comparisons = quantities.flatMap((quantity): Comparison[] => {
    const paper = row.published[quantity];
    const found = quantity.endsWith('Error')
      ? errorOf(quantity, evaluations)
      : defined({ here: sizes?.numbers[quantity as keyof NetworkSizes['numbers']] });
    const isShown = paper !== undefined || quantity === 'parameters' || quantity === 'multiplyAdds';
    if (!isShown || (paper === undefined && found.here === undefined)) return [];
    const isKnown = row.network !== undefined || row.ensemble !== undefined;
    const needs = isKnown && found.here === undefined ? needsOf(quantity, tests.length, hasData) : undefined;
    const difference = differenceOf(paper, found.here);
    return [{ quantity, ...defined({ paper, needs, difference }), ...found }];
  });
  return { row, sizes, tests, comparisons };
}

/** An error of the weights with the lowest top-1 error, or the mean of all weights. */
function errorOf(quantity: PaperQuantity, evaluations: readonly Evaluation[]): Here {
  const errors = evaluations.map(({ top1Errors, count }) => (100 * top1Errors) / count);
  if (quantity === 'meanTop1Error') {
    if (errors.length < 2) return {};
    const { mean, deviation } = sampleStatistics(errors);
    return { here: { mean, deviation } };
  }
  const best = evaluations[errors.indexOf(Math.min(...errors))];
  if (!best) return {};
  const wrong = quantity === 'top5Error' ? best.top5Errors : best.top1Errors;
  return { here: (100 * wrong) / best.count, errors: wrong, images: best.count };
}

function needsOf(quantity: PaperQuantity, weights: number, hasData: boolean): string {
  const lacking = weights === 0 ? ['weights'] : [];
  if (weights === 1 && quantity === 'meanTop1Error') lacking.push('more weights');
  if (!hasData) lacking.push('data');
  return lacking.join(' and ');
}

function differenceOf(paper: PaperValue | undefined, here: PaperValue | undefined): number | undefined {
  const [from, to] = [numberIn(paper), numberIn(here)];
  if (from === undefined || to === undefined) return undefined;
  // Without float64's rounding errors.
  return Number((to - from).toFixed(6));
}

function numberIn(value: PaperValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return value !== undefined && 'mean' in value ? value.mean : undefined;
}
