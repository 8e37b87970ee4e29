import type { Int8Range } from '@resnet/backend';

/** How the range of a value's floats is chosen that bytes can hold; what is outside becomes its end. */
export type CalibrationMethod = 'max' | 'percentile' | 'mse' | 'entropy';

export const CALIBRATION_METHODS: readonly CalibrationMethod[] = ['max', 'percentile', 'mse', 'entropy'];

const BINS = 2048;
const LEVELS = 256;
/** Of all values, those that 'percentile' keeps. */
const PERCENTILE = 0.9999;
/** The shares of the whole range that 'mse' and 'entropy' try. */
const SHARES = Array.from({ length: 60 }, (_, index) => 1 - index / 75);

/** How often each of the values that a layer gave came up. */
export class Histogram {
  readonly counts = new Float64Array(BINS);

  /** @param low and `high`: the smallest and the largest value, 0 between them */
  constructor(
    readonly low: number,
    readonly high: number,
  ) {}

  add(values: ArrayLike<number>): void {
    const { counts, low, high } = this;
    const perValue = high > low ? BINS / (high - low) : 0;
    for (let index = 0; index < values.length; index++) {
      const bin = Math.floor((values[index]! - low) * perValue);
      counts[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]! += 1;
    }
  }

  /** The value in the middle of a bin. */
  middle(bin: number): number {
    return this.low + ((bin + 0.5) * (this.high - this.low)) / BINS;
  }

  /** The range that a method chooses, and how it is written in bytes. */
  range(method: CalibrationMethod): Int8Range {
    return int8Range(...this.#ends(method));
  }

  #ends(method: CalibrationMethod): [low: number, high: number] {
    const { low, high } = this;
    if (method === 'max' || high <= low) return [low, high];
    if (method === 'percentile') return this.#percentiles();
    const loss = method === 'mse' ? squaredError : divergence;
    let best: [number, number] = [low, high];
    let least = Number.POSITIVE_INFINITY;
    for (const share of SHARES) {
      const found = loss(this, share * low, share * high);
      if (found < least) [least, best] = [found, [share * low, share * high]];
    }
    return best;
  }

  #percentiles(): [low: number, high: number] {
    const { counts } = this;
    const outside = (1 - PERCENTILE) * counts.reduce((sum, count) => sum + count, 0);
    let [first, last] = [0, BINS - 1];
    for (let seen = counts[first]!; seen <= outside / 2; ) seen += counts[++first]!;
    for (let seen = counts[last]!; seen <= outside / 2; ) seen += counts[--last]!;
    const width = (this.high - this.low) / BINS;
    const low = this.low === 0 ? 0 : this.low + first * width;
    return [Math.min(0, low), Math.max(0, this.low + (last + 1) * width)];
  }
}

/** A range of floats, widened to hold 0, in bytes; 0 is a byte exactly. */
export function int8Range(low: number, high: number): Int8Range {
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  // A value that is always 0 has no range; any will do.
  if (!(to - from > 0)) return { scale: 1, zero: 0 };
  const scale = Math.fround((to - from) / (LEVELS - 1));
  return { scale, zero: Math.min(LEVELS - 1, Math.round((0 - from) / scale)) };
}

/** The expected square of the error: that of rounding inside of the range, the distance outside. */
function squaredError(histogram: Histogram, low: number, high: number): number {
  const step = (high - low) / (LEVELS - 1);
  let sum = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const count = histogram.counts[bin]!;
    if (count === 0) continue;
    const value = histogram.middle(bin);
    const outside = value < low ? low - value : value > high ? value - high : 0;
    sum += count * (outside === 0 ? (step * step) / 12 : outside * outside);
  }
  return sum;
}

/**
 * The Kullback-Leibler divergence of the distribution in bytes from that of the floats, clipped, as in Migacz, "8-bit inference
 * with TensorRT" (2017). Zeros are left out: after ReLU they are half of all, and a byte has them exactly.
 */
function divergence(histogram: Histogram, low: number, high: number): number {
  const counts = histogram.counts.slice();
  const width = (histogram.high - histogram.low) / BINS;
  const zero = Math.min(BINS - 1, Math.floor(-histogram.low / width));
  counts[zero] = counts[zero === BINS - 1 ? zero - 1 : zero + 1]!;
  const first = Math.max(0, Math.floor((low - histogram.low) / width));
  const end = Math.min(BINS, Math.ceil((high - histogram.low) / width));
  const bins = end - first;
  const clipped = counts.slice(first, end);
  for (let bin = 0; bin < first; bin++) clipped[0]! += counts[bin]!;
  for (let bin = end; bin < BINS; bin++) clipped[bins - 1]! += counts[bin]!;
  const total = clipped.reduce((sum, count) => sum + count, 0);
  let result = 0;
  for (let level = 0; level < LEVELS; level++) {
    const from = Math.floor((level * bins) / LEVELS);
    const to = Math.floor(((level + 1) * bins) / LEVELS);
    let [sum, filled] = [0, 0];
    for (let bin = from; bin < to; bin++) {
      // Of the floats that are inside: what was clipped is no part of what bytes can show.
      sum += counts[first + bin]!;
      if (clipped[bin]! > 0) filled++;
    }
    for (let bin = from; bin < to; bin++) {
      const p = clipped[bin]! / total;
      if (p === 0) continue;
      const q = Math.max(sum / filled / total, 1e-12);
      result += p * Math.log(p / q);
    }
  }
  return result;
}
