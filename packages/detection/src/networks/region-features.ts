import { roiAlign, roiMaxPool } from '@resnet/backend';
import { type Boxes, levelOf } from '@resnet/boxes';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages } from './faster-rcnn.js';
import type { DetectorSettings } from './settings.js';

/** The boxes of each image of a batch, and the images' sizes without padding, as [height, width]. */
export interface ImageBoxes {
  list: readonly Boxes[];
  sizes: readonly (readonly [number, number])[];
}

/** Boxes with the index of each one's image. */
interface Regions {
  boxes: Boxes;
  images: Int32Array;
}

/** A level that regions are pooled from. */
interface Level {
  map: tf.Tensor4D;
  /** Pixels of the network's input from one pixel of the map to the next. */
  stride: number;
}

/**
 * The features of regions: pooled from the level of each region's size, and computed by the region head; with those of the whole image
 * beside them, if the detector has context (Section 4.3's "global context").
 *
 * @param maps of the first stage
 * @param inputShape [count, height, width, channels] of the network's input
 * @returns features [N, features], owned by the caller, and the index of the region of each row, over all images
 */
export function regionFeatures(
  detector: DetectorStages,
  maps: readonly tf.Tensor4D[],
  boxes: ImageBoxes,
  [, height]: readonly number[],
): { features: tf.Tensor2D; order: Int32Array } {
  const { stages, style, head } = detector.settings;
  // The extra level only proposes.
  const levels = maps.slice(0, style === 'c4' ? 1 : stages.length).map((map) => ({
    map,
    // A map's side is rounded up where the image's is no multiple of the stride: strides are powers of 2.
    stride: 2 ** Math.round(Math.log2(height! / map.shape[1])),
  }));
  const regions = regionsOf(boxes.list);
  const { pooled, order } = poolRegions(levels, regions, head);
  const features = tf.tidy(() => detector.features(pooled));
  pooled.dispose();
  if (!head.hasContext) return { features, order };
  return { features: withContext(detector, features, { levels, regions, order, sizes: boxes.sizes }), order };
}

function withContext(
  detector: DetectorStages,
  features: tf.Tensor2D,
  about: { levels: readonly Level[]; regions: Regions; order: Int32Array; sizes: ImageBoxes['sizes'] },
): tf.Tensor2D {
  const { levels, regions, order, sizes } = about;
  return tf.tidy(() => {
    const whole = sizes.map(([height, width]) => Float32Array.of(0, 0, width, height));
    const { pooled, order: images } = poolRegions(levels, regionsOf(whole), detector.settings.head);
    const context = detector.features(pooled);
    // A product with ones and zeros instead of a gather, which has no gradient on WebAssembly.
    const choice = new Float32Array(order.length * sizes.length);
    for (const [row, region] of order.entries()) {
      choice[row * sizes.length + images.indexOf(regions.images[region]!)] = 1;
    }
    const chosen: tf.Tensor2D = tf.matMul(tf.tensor2d(choice, [order.length, sizes.length]), context);
    const both = tf.concat<tf.Tensor2D>([features, chosen], 1);
    features.dispose();
    return both;
  });
}

/** The maps of regions [N, size, size, channels], grouped by level (Lin et al., "Feature Pyramid Networks", Equation 1). */
function poolRegions(
  levels: readonly Level[],
  regions: Regions,
  head: DetectorSettings['head'],
): { pooled: tf.Tensor4D; order: Int32Array } {
  const groups = regionsByLevel(levels, regions, head.canonicalSize);
  const pooled = tf.tidy(() => {
    const parts = groups.flatMap((group, index) =>
      group.length === 0 ? [] : [poolLevel(levels[index]!, rowsOf(regions, group), head)],
    );
    const [{ map }] = levels as [Level];
    if (parts.length === 0) return tf.zeros<tf.Rank.R4>([0, head.size, head.size, map.shape[3]]);
    return parts.length === 1 ? parts[0]! : tf.concat4d(parts, 0);
  });
  return { pooled, order: Int32Array.from(groups.flat()) };
}

function poolLevel({ map, stride }: Level, rows: Float32Array, head: DetectorSettings['head']): tf.Tensor4D {
  const { size, samplingRatio, aligned, pooling } = head;
  const grid = { size: [size, size] as [number, number], scale: 1 / stride };
  return pooling === 'max'
    ? roiMaxPool(map, rows, grid)
    : roiAlign(map, rows, { ...grid, samplingRatio, aligned });
}

/** The indices of the regions of each level. */
function regionsByLevel(levels: readonly Level[], { boxes }: Regions, canonicalSize: number): number[][] {
  const groups: number[][] = levels.map(() => []);
  const [lowest, highest] = [levels[0]!, levels.at(-1)!].map(({ stride }) => Math.log2(stride));
  for (let index = 0; index < boxes.length / 4; index++) {
    const box = boxes.subarray(4 * index, 4 * index + 4);
    const level = levelOf(box, { canonicalSize, canonicalLevel: 4, lowest: lowest!, highest: highest! });
    groups[level - lowest!]!.push(index);
  }
  return groups;
}

function regionsOf(list: readonly Boxes[]): Regions {
  const count = list.reduce((sum, { length }) => sum + length / 4, 0);
  const boxes = new Float32Array(4 * count);
  const images = new Int32Array(count);
  let at = 0;
  for (const [image, each] of list.entries()) {
    boxes.set(each, 4 * at);
    images.fill(image, at, at + each.length / 4);
    at += each.length / 4;
  }
  return { boxes, images };
}

/** As the pooling operations take them: the image's index before each box. */
function rowsOf({ boxes, images }: Regions, indices: readonly number[]): Float32Array {
  const rows = new Float32Array(5 * indices.length);
  for (const [row, index] of indices.entries()) {
    rows[5 * row] = images[index]!;
    rows.set(boxes.subarray(4 * index, 4 * index + 4), 5 * row + 1);
  }
  return rows;
}
