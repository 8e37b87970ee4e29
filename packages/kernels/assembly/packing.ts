// Filters as the tiles read them: eight output channels side by side, the reduction along memory.

@unmanaged
export class PackingTask {
  filter: usize;
  /** The indices of the filter's taps, in their order. */
  taps: i32;
  selection: usize;
  /** Weights from one tap to the next, one reduced channel to the next, and one column to the next. */
  tapStride: i32;
  depthStride: i32;
  columnStride: i32;
  /** Channels that are reduced, and channels of the result. */
  depth: i32;
  columns: i32;
  /** → [⌈columns / 8⌉][taps][depth][8], zeros for the columns that are missing. */
  packed: usize;
}

/** A chunk is a panel of eight columns. */
export function packing(task: PackingTask, chunk: i32, _scratch: usize): void {
  let to = task.packed + ((<usize>(chunk * task.taps * task.depth)) << 5);
  for (let tap = 0; tap < task.taps; tap++) {
    const start = load<i32>(task.selection + ((<usize>tap) << 2)) * task.tapStride;
    for (let k = 0; k < task.depth; k++) {
      for (let column = chunk << 3; column < (chunk + 1) << 3; column++) {
        const at = start + k * task.depthStride + column * task.columnStride;
        store<f32>(to, column < task.columns ? load<f32>(task.filter + ((<usize>at) << 2)) : 0);
        to += 4;
      }
    }
  }
}
