/** How many values lie between edges. */
export interface Histogram {
  min: number;
  max: number;
  count: number;
  sum: number;
  sumOfSquares: number;
  /** Upper edge of each bucket; the first begins at `min`. */
  edges: number[];
  /** Values in each bucket. */
  counts: number[];
}

/** As many as TensorBoard shows. */
const BUCKETS = 30;

/**
 * Counts values in 30 buckets of one width, or in one if all values are the same. Values that are not finite are left
 * out.
 *
 * @returns undefined if there is no finite value
 */
export function histogramOf(values: Float32Array): Histogram | undefined {
  let [min, max, count, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count++;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return undefined;
  const buckets = min === max ? 1 : BUCKETS;
  const width = (max - min) / buckets;
  const counts = new Array<number>(buckets).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    // The largest value belongs to the last bucket; without a width there is only one.
    counts[Math.min(Math.floor((value - min) / width) || 0, buckets - 1)]!++;
  }
  const edges = counts.map((_, index) => (index === buckets - 1 ? max : min + (index + 1) * width));
  return { min, max, count, sum, sumOfSquares, edges, counts };
}
