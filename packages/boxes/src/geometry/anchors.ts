import { checkInteger, ResnetError } from '@resnet/core';
import { type Boxes, countBoxes } from './boxes.js';

export interface AnchorConfig {
  /** Sides in pixels of the squares whose areas the anchors have. */
  sizes: readonly number[];
  /** Height divided by width. */
  ratios: readonly number[];
}

/**
 * The anchors at one position, around 0: for each ratio one of each size, with corners at whole pixels, halves rounded to the even
 * one. As torchvision's (`anchor_utils.py`).
 *
 * @throws OPTION_INVALID unless sizes and ratios are numbers above 0
 */
export function makeAnchors({ sizes, ratios }: AnchorConfig): Boxes {
  for (const value of [...sizes, ...ratios]) {
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new ResnetError(
      'OPTION_INVALID',
      `Sizes and ratios of anchors must be numbers above 0, found ${value}.`,
    );
  }
  const anchors = ratios.flatMap((ratio) => {
    const heightRatio = Math.fround(Math.sqrt(Math.fround(ratio)));
    const widthRatio = Math.fround(1 / heightRatio);
    return sizes.flatMap((size) => {
      const [x, y] = [widthRatio, heightRatio].map((factor) => Math.fround(factor * Math.fround(size)) / 2);
      return [-x!, -y!, x!, y!].map(roundToEven);
    });
  });
  return Float32Array.from(anchors);
}

/**
 * The anchors at every position of a map: row by row, at each position all of `cells`, moved by the strides.
 *
 * @param cells of one position, around 0, as `makeAnchors` gives them
 * @param grid rows and columns of the map, and the pixels of the image from one to the next
 * @throws OPTION_INVALID, SHAPE_MISMATCH
 */
export function gridAnchors(
  cells: Boxes,
  grid: { rows: number; columns: number; strideY: number; strideX: number },
): Boxes {
  const { rows, columns, strideY, strideX } = grid;
  checkInteger('rows', rows, 0, 2 ** 16);
  checkInteger('columns', columns, 0, 2 ** 16);
  countBoxes('Cells', cells);
  for (const [name, stride] of Object.entries({ strideY, strideX })) {
    if (Number.isFinite(stride)) continue;
    throw new ResnetError('OPTION_INVALID', `${name} must be a finite number of pixels, found ${stride}.`);
  }
  const anchors = new Float32Array(rows * columns * cells.length);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let index = 0; index < cells.length; index += 2) {
        anchors[at++] = cells[index]! + column * strideX;
        anchors[at++] = cells[index + 1]! + row * strideY;
      }
    }
  }
  return anchors;
}

/**
 * The level of a feature pyramid that a box is pooled from: that of boxes of its area (Lin et al., "Feature Pyramid Networks", Equation
 * 1, as torchvision computes it).
 *
 * @param box x1, y1, x2, y2
 * @param config.canonicalSize side in pixels of the square boxes of the level `canonicalLevel`
 * @returns a level from `lowest` to `highest`; the lowest for a box of no area or of NaN
 */
export function levelOf(
  box: ArrayLike<number>,
  config: { canonicalSize: number; canonicalLevel: number; lowest: number; highest: number },
): number {
  const { canonicalSize, canonicalLevel, lowest, highest } = config;
  const width = Math.fround(box[2]! - box[0]!);
  const side = Math.fround(Math.sqrt(Math.fround(width * Math.fround(box[3]! - box[1]!))));
  const octaves = Math.fround(Math.log2(Math.fround(side / canonicalSize)));
  const level = Math.floor(Math.fround(Math.fround(canonicalLevel + octaves) + Math.fround(1e-6)));
  return level > lowest ? Math.min(level, highest) : lowest;
}

/** The nearest integer; of two as near, the even one. */
function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
