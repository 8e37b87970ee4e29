import type { Taps } from '@resnet/kernels/regions';

/** What regions read along one axis of a map. Each bin of a region makes one read or several, each with the weights of some pixels. */
export interface RegionAxis {
  /** Of each region. */
  bins: number;
  /** The first pixel that a region reads, and the one behind the last. */
  spanOf(region: number): readonly [number, number];
  /** Reads of each bin. */
  readsOf(region: number): number;
  /** Calls `add` with each pixel of a read and its weight. */
  eachPixel(region: number, bin: number, read: number, add: (pixel: number, weight: number) => void): void;
}

/** A bin reads a weighted sum. */
export function axisOfTaps({ starts, pixels, weights }: Taps, bins: number): RegionAxis {
  return {
    bins,
    spanOf(region) {
      const read = pixels.subarray(starts[region * bins]!, starts[(region + 1) * bins]!);
      return [Math.min(...read), Math.max(...read) + 1];
    },
    readsOf: () => 1,
    eachPixel(region, bin, _, add) {
      const [begin, end] = [starts[region * bins + bin]!, starts[region * bins + bin + 1]!];
      for (let tap = begin; tap < end; tap++) add(pixels[tap]!, weights[tap]!);
    },
  };
}

/** A bin reads all its pixels, one by one: its last again where another bin has more, the first of the map where it has none. */
export function axisOfBins(windows: Int32Array, bins: number): RegionAxis {
  const windowsOf = (region: number) => windows.subarray(2 * region * bins, 2 * (region + 1) * bins);
  return {
    bins,
    spanOf(region) {
      const own = windowsOf(region);
      return [Math.min(...own), Math.max(...own)];
    },
    readsOf(region) {
      const own = windowsOf(region);
      let most = 1;
      for (let bin = 0; bin < bins; bin++) most = Math.max(most, own[2 * bin + 1]! - own[2 * bin]!);
      return most;
    },
    eachPixel(region, bin, read, add) {
      const [begin, end] = windowsOf(region).subarray(2 * bin, 2 * bin + 2) as unknown as [number, number];
      if (end > begin) add(Math.min(begin + read, end - 1), 1);
    },
  };
}

/** The weights of `length` pixels, from this one on, in each read of each bin of these regions: [regions · bins · reads, length]. */
export function weightsOf(
  axis: RegionAxis,
  regions: Int32Array,
  { reads, from, length }: { reads: number; from: number; length: number },
): Float32Array {
  const values = new Float32Array(regions.length * axis.bins * reads * length);
  let row = -from;
  for (const region of regions) {
    for (let bin = 0; bin < axis.bins; bin++) {
      for (let read = 0; read < reads; read++, row += length) {
        axis.eachPixel(region, bin, read, (pixel, weight) => {
          values[row + pixel]! += weight;
        });
      }
    }
  }
  return values;
}
