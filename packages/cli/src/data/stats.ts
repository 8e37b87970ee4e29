import { defined, formatCount } from '@resnet/core';
import {
  type Dataset,
  type DatasetStatistics,
  datasetStatistics,
  imagenetNames,
  type Spread,
} from '@resnet/data';
import type { Context } from '../context.js';
import { describeLeftOut, leftOutOf } from '../shared/data-sets/left-out-files.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import type { Output } from '../shared/terminal/io.js';
import { printJson, printRows, type Row } from '../shared/terminal/print.js';
import { describeClass } from '../shared/weights/class-names.js';
import { openSource, type SourceOptions } from './open-data-set.js';

export interface StatsOptions extends SourceOptions {
  json?: boolean;
}

/** How many of the largest, and of the smallest, classes are named. */
const NAMED = 5;

/** Prints what a data set holds. */
export async function dataStats(source: string, options: StatsOptions, { io }: Context): Promise<void> {
  const set = await openSource(source, options);
  const statistics = await withImageBar(options.json ? io.stderr : io.stdout, set.count, io, (onProgress) =>
    datasetStatistics(set, { ...defined({ signal: io.signal }), onProgress }),
  );
  if (options.json) printJson(io.stdout, report(source, set, statistics));
  else print(io.stdout, source, set, statistics);
}

function report(source: string, set: Dataset, statistics: DatasetStatistics) {
  const { count, classCounts, height, width, mean, std, broken } = statistics;
  return {
    source,
    data: set.name,
    count,
    classes: set.classes.map((name, label) => ({
      name,
      ...defined({ names: imagenetNames(name) }),
      count: classCounts[label],
    })),
    height: height ?? null,
    width: width ?? null,
    mean,
    std,
    leftOut: leftOutOf(set),
    broken: broken.map(({ index, error: { code, message } }) => ({ index, code, message })),
  };
}

function print(stream: Output, source: string, set: Dataset, statistics: DatasetStatistics): void {
  const { count, height, width, mean, std, broken } = statistics;
  const images = `${formatCount(count)} ${count === 1 ? 'image' : 'images'}`;
  const classes = `${formatCount(set.classes.length)} ${set.classes.length === 1 ? 'class' : 'classes'}`;
  printRows(stream, [
    ['source', source],
    ['data', set.name === source ? undefined : set.name],
    ['images', `${images}, ${classes}`],
    ...classRows(set, statistics),
    ['height', formatSpread(height)],
    ['width', formatSpread(width)],
    ['mean', formatChannels(mean)],
    ['deviation', formatChannels(std)],
    ['left out', describeLeftOut(leftOutOf(set)) || 'nothing'],
    ['broken', broken.length === 0 ? 'none' : `${formatCount(broken.length)} of ${formatCount(count)}`],
    ['', broken.map(({ index, error }) => `image ${index}: ${error.message}`)],
  ]);
}

/** The sizes of the classes, and the largest and smallest ones if they differ. */
function classRows(set: Dataset, { classCounts }: DatasetStatistics): Row[] {
  const sorted = classCounts
    .map((count, label) => ({ count, label }))
    .sort((a, b) => b.count - a.count || a.label - b.label);
  const [most, fewest] = [sorted[0]?.count ?? 0, sorted.at(-1)?.count ?? 0];
  if (most === fewest) return [['a class', formatCount(most)]];
  const list = (entries: typeof sorted) =>
    entries
      .map(({ count, label }) => `${describeClass(set.classes[label]!)} ${formatCount(count)}`)
      .join(', ');
  return [
    ['a class', `from ${formatCount(fewest)} to ${formatCount(most)}`],
    ['most', list(sorted.slice(0, NAMED))],
    ['fewest', list(sorted.slice(-NAMED).reverse())],
  ];
}

function formatSpread(spread: Spread | undefined): string {
  if (!spread) return 'none';
  const { min, median, max } = spread;
  return `${formatCount(min)} to ${formatCount(max)}, median ${formatCount(median)}`;
}

function formatChannels(values: readonly number[]): string {
  return values.length === 0 ? 'none' : values.map((value) => value.toFixed(4)).join(', ');
}
