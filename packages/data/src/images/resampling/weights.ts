/** How pixels are weighted. */
export type ResizeFilter = 'bilinear' | 'bicubic';

export const FILTERS: Record<ResizeFilter, { support: number; weight: (distance: number) => number }> = {
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: {
    support: 2,
    weight(distance) {
      // Keys' kernel with a = -1/2, as Pillow's.
      const x = Math.abs(distance);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
};

/** Weights are fixed-point numbers with so many fractional bits, so that results are the same on every machine. */
export const PRECISION = 22;
const ONE = 2 ** PRECISION;

/** The weights of the source pixels of each target pixel, along one axis. */
export interface Weights {
  /** For each target pixel, the first of its source pixels. Neither this nor the end decreases. */
  starts: Int32Array;
  /** For each target pixel, the number of its source pixels. */
  counts: Int32Array;
  /** [target pixel][most] */
  values: Int32Array;
  most: number;
}

/**
 * The weights of the target pixels `first` to `first + count`, when `from` source pixels become `to` target pixels.
 *
 * @param antialias whether a filter widens to all source pixels that a target pixel covers
 */
export function weightsFor(
  from: number,
  to: number,
  first: number,
  count: number,
  filter: ResizeFilter,
  antialias = true,
): Weights {
  const { support, weight } = FILTERS[filter];
  const scale = from / to;
  const stretch = antialias ? Math.max(1, scale) : 1;
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const values = new Int32Array(count * most);
  const exact = new Float64Array(most);
  for (let position = 0; position < count; position++) {
    const center = (first + position + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    let sum = 0;
    for (let source = start; source < end; source++) {
      const value = weight((source - center + 0.5) / stretch);
      exact[source - start] = value;
      sum += value;
    }
    starts[position] = start;
    counts[position] = end - start;
    for (let index = 0; index < end - start; index++) {
      const value = (exact[index]! / sum) * ONE;
      values[position * most + index] = Math.trunc(value + (value < 0 ? -0.5 : 0.5));
    }
  }
  return { starts, counts, values, most };
}

/** The range of the source pixels of the target pixels from `first` to `last` (excluded). */
export function sourceOf(
  { starts, counts }: Weights,
  first: number,
  last: number,
): { first: number; last: number } {
  return { first: starts[first]!, last: starts[last - 1]! + counts[last - 1]! };
}
