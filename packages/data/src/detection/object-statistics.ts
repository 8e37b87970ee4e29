import { type Spread, spreadOf } from '../statistics/dataset-statistics.js';
import type { DetectionDataset } from './detection-dataset.js';
import type { Box } from './object-table.js';

/** COCO's limits between small, medium and large objects, in square pixels. */
const [MEDIUM, LARGE] = [32 ** 2, 96 ** 2];

/** The statistics of the objects of a set, from its annotations alone. */
export interface ObjectStatistics {
  /** Objects, crowds and difficult ones among them. */
  count: number;
  /** Objects of each class, and images with some of them, in the order of the classes. */
  classCounts: number[];
  imageCounts: number[];
  /** Objects in an image. */
  perImage: Spread | undefined;
  withoutObjects: number;
  difficult: number;
  crowds: number;
  /** Of the boxes, in pixels, rounded. */
  height: Spread | undefined;
  width: Spread | undefined;
  /** Objects by area, with COCO's limits of 32² and 96² pixels. */
  small: number;
  medium: number;
  large: number;
}

/** Counts the objects of a set. No image is read. */
export function objectStatistics(set: DetectionDataset): ObjectStatistics {
  const classCounts = set.classes.map(() => 0);
  const imageCounts = set.classes.map(() => 0);
  const perImage: number[] = [];
  const heights: number[] = [];
  const widths: number[] = [];
  const bySize = { small: 0, medium: 0, large: 0 };
  let [difficult, crowds] = [0, 0];
  for (let index = 0; index < set.count; index++) {
    const objects = set.objects(index);
    perImage.push(objects.labels.length);
    for (const label of new Set(objects.labels)) imageCounts[label]!++;
    for (const [object, label] of objects.labels.entries()) {
      classCounts[label]!++;
      difficult += objects.difficult?.[object] ?? 0;
      crowds += objects.crowd?.[object] ?? 0;
      const [x1, y1, x2, y2] = objects.boxes.subarray(4 * object, 4 * object + 4) as unknown as Box;
      widths.push(Math.round(x2 - x1));
      heights.push(Math.round(y2 - y1));
      const area = objects.areas?.[object] ?? (x2 - x1) * (y2 - y1);
      bySize[area < MEDIUM ? 'small' : area < LARGE ? 'medium' : 'large']++;
    }
  }
  return {
    count: widths.length,
    classCounts,
    imageCounts,
    perImage: spreadOf(perImage),
    withoutObjects: perImage.filter((count) => count === 0).length,
    difficult,
    crowds,
    height: spreadOf(heights),
    width: spreadOf(widths),
    ...bySize,
  };
}
