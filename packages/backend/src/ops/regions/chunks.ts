import { orderOfRegions, REGION_VALUES, type RegionGrid } from '@resnet/kernels/regions';
import type { RegionAxis } from './axis.js';

/** Regions of one image, and the window of the map that holds all they read: at least one pixel. */
export interface RegionChunk {
  regions: Int32Array;
  image: number;
  rows: ChunkAxis;
  columns: ChunkAxis;
}

interface ChunkAxis {
  axis: RegionAxis;
  /** The first pixel of the window, and how many there are. */
  from: number;
  length: number;
  /** Of each bin; as many as the region with most has. */
  reads: number;
}

/** Values of the largest tensor that a chunk of several regions needs on the way: 64 MB. */
const MOST_VALUES = 2 ** 24;

/** All regions, in the order of their images, in chunks. */
export function chunksOf(
  { regions }: Pick<RegionGrid, 'regions'>,
  rows: RegionAxis,
  columns: RegionAxis,
  channels: number,
): RegionChunk[] {
  const chunks: RegionChunk[] = [];
  const order = orderOfRegions({ regions });
  for (let first = 0, end: number; first < order.length; first = end) {
    const image = regions[REGION_VALUES * order[first]!]!;
    let [tall, wide] = [widen(undefined, rows, order[first]!), widen(undefined, columns, order[first]!)];
    for (end = first + 1; end < order.length && regions[REGION_VALUES * order[end]!] === image; end++) {
      const [taller, wider] = [widen(tall, rows, order[end]!), widen(wide, columns, order[end]!)];
      if ((end + 1 - first) * valuesOfRegion(taller, wider, channels) > MOST_VALUES) break;
      [tall, wide] = [taller, wider];
    }
    chunks.push({ regions: order.slice(first, end), image, rows: tall, columns: wide });
  }
  return chunks;
}

/** The largest of: pixels that have been read in rows only, pixels that have been read, weights of columns. */
function valuesOfRegion(rows: ChunkAxis, columns: ChunkAxis, channels: number): number {
  const readColumns = columns.axis.bins * columns.reads;
  const perRow = Math.max(columns.length * channels, readColumns * channels, readColumns * columns.length);
  return rows.axis.bins * rows.reads * perRow;
}

/** The window, made large enough for one more region. */
function widen(window: ChunkAxis | undefined, axis: RegionAxis, region: number): ChunkAxis {
  const [from, to] = axis.spanOf(region);
  const reads = Math.max(window?.reads ?? 1, axis.readsOf(region));
  if (to <= from) return { axis, from: 0, length: 1, ...window, reads };
  const first = Math.min(from, window?.from ?? from);
  const end = Math.max(to, window ? window.from + window.length : to);
  return { axis, from: first, length: end - first, reads };
}
