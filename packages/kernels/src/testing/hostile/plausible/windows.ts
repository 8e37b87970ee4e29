import type { Draw } from './draw.js';

const padding = (draw: Draw) =>
  draw.pick<unknown>('same', 'valid', draw.int(0, 2), [
    [0, 0],
    [draw.int(0, 2), draw.int(0, 2)],
    [draw.int(0, 2), draw.int(0, 2)],
    [0, 0],
  ]);
const rounding = (draw: Draw, pad: unknown) =>
  typeof pad === 'number' ? draw.pick('floor', 'round', 'ceil', undefined) : undefined;

/** The size of the output along one axis, as tfjs counts it; gradients of the output have it too. */
export function outputs(
  size: number,
  window: number,
  stride: number,
  pads: unknown,
  rounding: string | undefined,
): number {
  if (pads === 'same') return Math.ceil(size / stride);
  if (pads === 'valid') return Math.ceil((size - window + 1) / stride);
  const total = typeof pads === 'number' ? 2 * pads : (pads as number[])[0]! + (pads as number[])[1]!;
  const positions = (size - window + total) / stride + 1;
  return rounding === 'ceil'
    ? Math.ceil(positions)
    : rounding === 'round'
      ? Math.round(positions)
      : Math.floor(positions);
}

interface Windows {
  x: number[];
  size: [number, number];
  y: [number, number];
  attributes: {
    strides: [number, number];
    pad: unknown;
    dilations: [number, number];
    dimRoundingMode: unknown;
    dataFormat: string;
  };
}

/** An image, windows over it, and the size of what they give. */
export function windows(draw: Draw, mostDilation = 2): Windows {
  const pad = padding(draw);
  const dimRoundingMode = rounding(draw, pad);
  const x = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.int(1, 5)];
  // Where padding is one number, tfjs counts the columns as it counts the rows: by the window's height and vertical stride.
  const isSquare = typeof pad === 'number';
  const pair = (most: number): [number, number] => {
    const value = draw.int(1, most);
    return [value, isSquare ? value : draw.int(1, most)];
  };
  const size = pair(4);
  const dilations = pair(mostDilation);
  const strides: [number, number] = Math.max(...dilations) > 1 ? [1, 1] : pair(3);
  const y = [0, 1].map((axis) => {
    const window = (size[axis]! - 1) * dilations[axis]! + 1;
    const pads = Array.isArray(pad) ? pad[axis + 1] : pad;
    return outputs(x[axis + 1]!, window, strides[axis]!, pads, dimRoundingMode);
  }) as [number, number];
  return { x, size, y, attributes: { strides, pad, dilations, dimRoundingMode, dataFormat: 'NHWC' } };
}

/** A window larger than its image gives nothing, not a negative number of values. */
export const positive = (y: number[]) => y.map((size) => Math.max(0, size));
