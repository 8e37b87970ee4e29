import type { Attributes } from '../contracts/contract.js';
import { REGION_VALUES } from './region-grid.js';

/** Of each bin along one axis: the pixels that it reads, the first one first, and their weights. */
export interface Taps {
  /** Where the taps of bin b of region r begin, at index r · bins + b; after the last, where they end. */
  starts: Int32Array;
  pixels: Int32Array;
  weights: Float32Array;
}

const f = Math.fround;

/**
 * What `roiAlign` reads. Its bilinear samples are products of one weight for the row and one for the column, and so is their mean. A
 * pixel that several samples of a bin read has one tap.
 *
 * Every step is rounded to float32 as in torchvision, as ⌈size / bins⌉ and the borders depend on it.
 */
export function alignTaps(
  attributes: Attributes<'RoiAlign'>,
  height: number,
  width: number,
): { ofRows: Taps; ofColumns: Taps } {
  const { rows, columns } = attributes;
  const ofRows = { bins: rows, length: height, from: 2, to: 4 };
  const ofColumns = { bins: columns, length: width, from: 1, to: 3 };
  return { ofRows: tapsAlong(attributes, ofRows), ofColumns: tapsAlong(attributes, ofColumns) };
}

interface Axis {
  bins: number;
  /** Pixels of the map. */
  length: number;
  /** Which of a region's numbers are its sides. */
  from: number;
  to: number;
}

function tapsAlong(
  { regions, scale, samplingRatio, aligned }: Attributes<'RoiAlign'>,
  { bins, length, from, to }: Axis,
): Taps {
  const taps = new TapList();
  const factor = f(scale);
  const offset = aligned ? 0.5 : 0;
  for (let at = 0; at < regions.length; at += REGION_VALUES) {
    const start = f(f(f(regions[at + from]!) * factor) - offset);
    const end = f(f(f(regions[at + to]!) * factor) - offset);
    const size = aligned ? f(end - start) : Math.max(f(end - start), 1);
    const bin = f(size / bins);
    const samples = samplingRatio > 0 ? samplingRatio : Math.max(0, Math.ceil(bin));
    for (let cell = 0; cell < bins; cell++) {
      taps.beginBin();
      const first = f(start + f(cell * bin));
      const [begin, end] = samplesWithin(first, bin / samples, samples, length);
      for (let index = begin; index < end; index++) {
        // From the first pixel to the last, also in a region that is turned over.
        const sample = bin < 0 ? samples - 1 - index : index;
        taps.addSample(f(first + f(f((sample + 0.5) * bin) / samples)), length, 1 / samples);
      }
    }
  }
  return taps.finished();
}

/** A range of samples with all that lie on the map, so that a region far larger than the map takes no longer. */
function samplesWithin(first: number, step: number, samples: number, length: number): [number, number] {
  if (!(step > 0)) return [0, samples];
  const begin = Math.floor((-1 - first) / step) - 2;
  const end = Math.ceil((length - first) / step) + 2;
  return [Math.max(0, begin), Math.min(samples, end)];
}

class TapList {
  private readonly starts: number[] = [];
  private readonly pixels: number[] = [];
  private readonly weights: number[] = [];

  beginBin(): void {
    this.starts.push(this.pixels.length);
  }

  /** Nothing where the sample is more than one pixel outside; within that it takes the value at the border. */
  addSample(position: number, length: number, weight: number): void {
    if (position < -1 || position > length) return;
    const inside = Math.min(Math.max(position, 0), length - 1);
    const low = Math.floor(inside);
    this.add(low, (1 - (inside - low)) * weight);
    if (low < length - 1) this.add(low + 1, (inside - low) * weight);
  }

  finished(): Taps {
    this.beginBin();
    const { starts, pixels, weights } = this;
    return {
      starts: Int32Array.from(starts),
      pixels: Int32Array.from(pixels),
      weights: Float32Array.from(weights),
    };
  }

  /** Samples come from the first pixel to the last, so that only the last two taps can be of the same pixel. */
  private add(pixel: number, weight: number): void {
    const { pixels, weights } = this;
    for (let tap = pixels.length - 1; tap >= Math.max(this.starts.at(-1)!, pixels.length - 2); tap--) {
      if (pixels[tap] !== pixel) continue;
      weights[tap]! += weight;
      return;
    }
    pixels.push(pixel);
    weights.push(weight);
  }
}
