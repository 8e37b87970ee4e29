import { defined, formatCount } from '@resnet/core';
import { type Dataset, type DatasetStatistics, datasetStatistics, imagenetNames } from '@resnet/data';
import type { Context } from '../context.js';
import { describeLeftOut, leftOutOf } from '../shared/data-sets/left-out-files.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import type { Output } from '../shared/terminal/io.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { objectStats } from './object-stats.js';
import { openObjects, openSource, type SourceOptions } from './open-data-set.js';
import { formatChannels, formatSpread, largestAndSmallest } from './stats-rows.js';

export interface StatsOptions extends SourceOptions {
  json?: boolean;
}

/** Prints what a data set holds. */
export async function dataStats(source: string, options: StatsOptions, { io }: Context): Promise<void> {
  const objects = await openObjects(source, options);
  if (objects) return objectStats(source, objects, options, io);
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
    ...largestAndSmallest(set.classes, statistics.classCounts),
    ['height', formatSpread(height)],
    ['width', formatSpread(width)],
    ['mean', formatChannels(mean)],
    ['deviation', formatChannels(std)],
    ['left out', describeLeftOut(leftOutOf(set)) || 'nothing'],
    ['broken', broken.length === 0 ? 'none' : `${formatCount(broken.length)} of ${formatCount(count)}`],
    ['', broken.map(({ index, error }) => `image ${index}: ${error.message}`)],
  ]);
}
