import type { IgnoredFilesCounter } from '../folders/ignored-files.js';
import type { Box } from './object-table.js';

/** Annotations are often rounded to two decimals. */
const TOLERANCE = 0.01;

/**
 * The part of a box that lies in its image; undefined, and counted, if there is none or it has no size.
 *
 * @param where the file and the box, for messages
 */
export function repairedBox(
  box: Box,
  size: readonly [height: number, width: number],
  where: string,
  repaired: IgnoredFilesCounter,
): Box | undefined {
  const [x1, y1, x2, y2] = box;
  const [height, width] = size;
  const clipped = [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)] as const;
  const named = `${where} [${box.map((value) => Number(value.toFixed(2))).join(' ')}]`;
  if (!(x2 > x1 && y2 > y1)) {
    repaired.add('of size zero or less, left out', named);
    return undefined;
  }
  if (!(clipped[2] > clipped[0] && clipped[3] > clipped[1])) {
    repaired.add('outside of the image, left out', named);
    return undefined;
  }
  if (box.some((value, at) => Math.abs(value - clipped[at]!) > TOLERANCE)) {
    repaired.add('reaching beyond the image, clipped', named);
  }
  return clipped;
}
