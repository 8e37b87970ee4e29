// What the kernels for regions share. A chunk of a gradient is a band of rows of dx: no two chunks add to the same value, and the
// order in which they add to it is that of the regions, however many bands there are.

@unmanaged
export class RegionTask {
  /** The regions' numbers in the order in which they are computed. */
  order: usize;
  /** Of each region: where its image begins in x, in bytes. */
  images: usize;
  regions: i32;
  rows: i32;
  columns: i32;
  channels: i32;
  /** Bytes of a band, and of all maps. */
  bandBytes: usize;
  mapBytes: usize;
}

/** A region by its place in the order. */
@inline
export function regionAt(task: RegionTask, index: i32): i32 {
  return load<i32>(task.order + ((<usize>index) << 2));
}

@inline
export function imageOf(task: RegionTask, region: i32): usize {
  return <usize>load<u32>(task.images + ((<usize>region) << 2));
}

/** Where the band of a chunk begins and ends in x. */
@inline
export function bandStart(task: RegionTask, chunk: i32): usize {
  return <usize>chunk * task.bandBytes;
}

@inline
export function bandEnd(task: RegionTask, chunk: i32): usize {
  return min(task.mapBytes, <usize>(chunk + 1) * task.bandBytes);
}
