import type { Evaluation } from '@resnet/eval';
import { sampleStatistics } from '../sample-statistics.js';
import type { NetworkSizes } from './network-sizes.js';
import type { PaperNumbers, PaperQuantity, PaperRow, PaperTable } from './paper-table.js';

/** A table with what was found here. */
export interface TableResult {
  table: PaperTable;
  rows: readonly RowResult[];
}

export interface RowResult {
  row: PaperRow;
  /** Missing for networks that are not of this project. */
  sizes: NetworkSizes | undefined;
  tests: readonly RowTest[];
  comparisons: readonly Comparison[];
}

/** What was found of a row by testing weights. */
export interface RowTest {
  /** The files: one, or those of an ensemble. */
  weights: readonly string[];
  /** What the test differs in from the paper's. */
  note?: string;
  /** Missing where there are no data. */
  evaluation?: Evaluation;
  /** What was seen of which images. */
  view?: string;
  data?: string;
}

/** A number of the paper beside what it is here. Errors are in percent. */
export interface Comparison extends Here {
  quantity: PaperQuantity;
  paper?: PaperValue;
  /** What it would take to compute it here. Neither this nor `here` is there for networks that are not of this project. */
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
 * @param hasData whether there are the images of the table's test, for what is said to be needed
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
      : hereOf(sizes?.numbers[quantity as keyof NetworkSizes['numbers']]);
    const isShown = paper !== undefined || quantity === 'parameters' || quantity === 'multiplyAdds';
    if (!isShown || (paper === undefined && found.here === undefined)) return [];
    const isOurs = row.network !== undefined || row.ensemble !== undefined;
    const needs = isOurs && found.here === undefined ? needsOf(quantity, tests.length, hasData) : undefined;
    const difference = differenceOf(paper, found.here);
    return [
      {
        quantity,
        ...(paper === undefined ? {} : { paper }),
        ...(needs === undefined ? {} : { needs }),
        ...(difference === undefined ? {} : { difference }),
        ...found,
      },
    ];
  });
  return { row, sizes, tests, comparisons };
}

function hereOf(here: PaperValue | undefined): Here {
  return here === undefined ? {} : { here };
}

/** An error of the weights that have the lowest top-1 error, or the mean of all. */
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
  // Without the noise of float64.
  return Number((to - from).toFixed(6));
}

function numberIn(value: PaperValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return value !== undefined && 'mean' in value ? value.mean : undefined;
}
