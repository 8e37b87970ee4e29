import { ResnetError } from '@resnet/core';
import { CALIBRATION_BINS, type CalibrationBin, type Evaluation, MOST_MISTAKES } from './evaluation.js';

/** An evaluation with what it is of: what a file of one holds. */
export interface EvaluationFile {
  /** What was tested, on what and how. Evaluations with the same entries can be merged. */
  subject: Record<string, string>;
  /** Images of the whole set. */
  total: number;
  /** The names of the classes, in the order of their numbers. */
  classNames: readonly string[];
  evaluation: Evaluation;
}

const FORMAT = 'resnet-evaluation';
const VERSION = 1;

/** As the text of a file. */
export function formatEvaluationFile(file: EvaluationFile): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...file })}\n`;
}

/**
 * Reads what `formatEvaluationFile` wrote.
 *
 * @param name of the file, for messages
 * @throws DATA_INVALID if it is anything else
 */
export function parseEvaluationFile(text: string, name: string): EvaluationFile {
  const refuse = (problem: string) =>
    new ResnetError('DATA_INVALID', `${name} is no file of an evaluation: ${problem}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('it is not JSON');
  }
  const { format, version, subject, total, classNames, evaluation } = isRecord(value) ? value : {};
  if (format !== FORMAT) throw refuse(`its format is not '${FORMAT}'`);
  if (version !== VERSION) {
    throw refuse(
      `its version is ${version}, and this program reads ${VERSION}; install the one that wrote it`,
    );
  }
  if (!isRecord(subject) || !Object.values(subject).every((entry) => typeof entry === 'string')) {
    throw refuse('its subject must be an object of texts');
  }
  if (!isCount(total)) throw refuse('its total must be a number of images');
  if (!(Array.isArray(classNames) && classNames.every((entry) => typeof entry === 'string'))) {
    throw refuse('its classNames must be a list of texts');
  }
  const problem = problemOf(evaluation, total);
  if (problem) throw refuse(problem);
  const found = evaluation as Evaluation;
  // JSON has no infinities and no NaN.
  const numberOf = (entry: number | null) => entry ?? Number.NaN;
  return {
    subject: subject as Record<string, string>,
    total,
    classNames,
    evaluation: {
      ...found,
      loss: numberOf(found.loss),
      lossSum: numberOf(found.lossSum),
      calibration: found.calibration.map((bin) => ({ ...bin, probabilitySum: numberOf(bin.probabilitySum) })),
    },
  };
}

/** What is wrong with an evaluation, if anything is: its counts must agree with each other. */
function problemOf(value: unknown, total: number): string | undefined {
  if (!isRecord(value)) return 'it has no evaluation';
  const { ranges, broken = [], count, classes, ranks, confusions } = value;
  const { calibration, mistakes, realLabels, lossSum, seconds } = value;
  if (!isCount(count) || !isCount(classes) || classes === 0) return 'count and classes must be numbers';
  const isRange = (range: unknown) =>
    isListOf<number>(range, isCount) && range.length === 2 && range[0]! < range[1]!;
  if (!isListOf<[number, number]>(ranges, isRange)) return 'its ranges must be pairs of indices';
  if (ranges.some(([, end]) => end > total))
    return `its ranges must lie within the ${total} images of the set`;
  const sorted = ranges.toSorted(([a], [b]) => a - b);
  const isCovered = (index: unknown) => isCount(index) && isInRanges(index, sorted);
  if (!isListOf(broken, isCovered) || new Set(broken).size < broken.length)
    return 'its broken images must be indices in its ranges';
  if (ranges.reduce((sum, [first, end]) => sum + end - first, -broken.length) !== count)
    return `its ranges must have ${count} images`;
  if (!isListOf<number>(ranks, isCount) || ranks.length !== classes || sumOf(ranks) !== count)
    return `its ranks must be ${classes} numbers that add up to ${count}`;
  const isClass = (entry: unknown) => isCount(entry) && entry < classes;
  const isConfusion = (entry: unknown) =>
    isListOf<number>(entry, isCount) && entry.length === 3 && isClass(entry[0]) && isClass(entry[1]);
  if (!isListOf<number[]>(confusions, isConfusion) || sumOf(confusions.map((entry) => entry[2]!)) !== count)
    return `its confusions must be classes and counts that add up to ${count}`;
  const isBin = (entry: unknown) =>
    isRecord(entry) && isCount(entry.count) && isCount(entry.right) && isNumber(entry.probabilitySum);
  const isWhole =
    isListOf<CalibrationBin>(calibration, isBin) &&
    calibration.length === CALIBRATION_BINS &&
    sumOf(calibration.map((bin) => bin.count)) === count;
  if (!isWhole) return `its calibration must have ${CALIBRATION_BINS} bins of ${count} images`;
  const isMistake = (entry: unknown) =>
    isRecord(entry) &&
    isCount(entry.index) &&
    [entry.label, entry.predicted].every(isClass) &&
    [entry.probability, entry.labelProbability].every(isNumber);
  if (!isListOf(mistakes, isMistake) || mistakes.length > MOST_MISTAKES)
    return `its mistakes must be at most ${MOST_MISTAKES} images with labels and probabilities`;
  if (realLabels !== undefined) {
    const { count: labeled, top1Errors } = isRecord(realLabels) ? realLabels : {};
    if (!isCount(labeled) || !isCount(top1Errors) || top1Errors > labeled || labeled > count)
      return 'its realLabels must be counts of images';
  }
  return isNumber(lossSum) && isNumber(seconds) ? undefined : 'lossSum and seconds must be numbers';
}

/** By binary search: files of others may have many ranges. */
function isInRanges(index: number, sorted: readonly (readonly [number, number])[]): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]![0] <= index) low = middle + 1;
    else high = middle;
  }
  return low > 0 && index < sorted[low - 1]![1];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown) => value === null || Number.isFinite(value);

function isListOf<T>(value: unknown, isEntry: (entry: unknown) => boolean): value is T[] {
  return Array.isArray(value) && value.every((entry) => isEntry(entry));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
