import { defined, formatCount } from '@resnet/core';
import {
  type DatasetStatistics,
  type DetectionDataset,
  datasetStatistics,
  type ObjectStatistics,
  objectStatistics,
} from '@resnet/data';
import { describeLeftOut } from '../shared/data-sets/left-out-files.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import type { Io, Output } from '../shared/terminal/io.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { formatChannels, formatSpread, largestAndSmallest } from './stats-rows.js';

/** Prints what a set with objects holds. */
export async function objectStats(
  source: string,
  set: DetectionDataset,
  { json }: { json?: boolean },
  io: Io,
): Promise<void> {
  const objects = objectStatistics(set);
  // Images without labels: those of their objects are counted above.
  const images = { ...set, classes: [], labels: new Int32Array(set.count) };
  const statistics = await withImageBar(json ? io.stderr : io.stdout, set.count, io, (onProgress) =>
    datasetStatistics(images, { ...defined({ signal: io.signal }), onProgress }),
  );
  if (json) printJson(io.stdout, report(source, set, objects, statistics));
  else print(io.stdout, source, set, objects, statistics);
}

function report(
  source: string,
  set: DetectionDataset,
  objects: ObjectStatistics,
  { count, height, width, mean, std, broken }: DatasetStatistics,
) {
  const { classCounts, imageCounts, ...counts } = objects;
  return {
    source,
    data: set.name,
    count,
    classes: set.classes.map((name, label) => ({
      name,
      count: classCounts[label],
      images: imageCounts[label],
    })),
    objects: counts,
    height: height ?? null,
    width: width ?? null,
    mean,
    std,
    repaired: set.repaired ?? [],
    leftOut: set.ignored ?? [],
    broken: broken.map(({ index, error: { code, message } }) => ({
      index,
      name: set.imageName(index),
      code,
      message,
    })),
  };
}

function print(
  stream: Output,
  source: string,
  set: DetectionDataset,
  objects: ObjectStatistics,
  { count, height, width, mean, std, broken }: DatasetStatistics,
): void {
  const { small, medium, large, difficult, crowds, withoutObjects } = objects;
  const images = `${formatCount(count)} ${count === 1 ? 'image' : 'images'}`;
  const number = `${formatCount(objects.count)} ${objects.count === 1 ? 'object' : 'objects'}`;
  const classes = `${formatCount(set.classes.length)} ${set.classes.length === 1 ? 'class' : 'classes'}`;
  const marked = [
    ...(difficult > 0 ? [`${formatCount(difficult)} of them difficult`] : []),
    ...(crowds > 0 ? [`${formatCount(crowds)} of them crowds`] : []),
  ];
  printRows(stream, [
    ['source', source],
    ['data', set.name === source ? undefined : set.name],
    ['images', `${images}, ${formatCount(withoutObjects)} of them without objects`],
    ['objects', [`${number} of ${classes}`, ...marked].join(', ')],
    ['an image', formatSpread(objects.perImage)],
    ...largestAndSmallest(set.classes, objects.classCounts),
    ['box height', formatSpread(objects.height)],
    ['box width', formatSpread(objects.width)],
    [
      'by area',
      `${formatCount(small)} small (below 32²), ${formatCount(medium)} medium, ${formatCount(large)} large (from 96²)`,
    ],
    ['repaired', describeLeftOut(set.repaired ?? []) || 'none'],
    ['height', formatSpread(height)],
    ['width', formatSpread(width)],
    ['mean', formatChannels(mean)],
    ['deviation', formatChannels(std)],
    ['left out', describeLeftOut(set.ignored ?? []) || 'nothing'],
    ['broken', broken.length === 0 ? 'none' : `${formatCount(broken.length)} of ${formatCount(count)}`],
    ['', broken.map(({ index, error }) => `${set.imageName(index)}: ${error.message}`)],
  ]);
}
