// 3×3 filters, transformed and laid out for the products of winograd.ts.
import { transformFilter } from './winograd-transforms';

@unmanaged
export class WinogradPackingTask {
  /** The first weight that is read. */
  filter: usize;
  /** Weights from one tap to the next, one reduced channel to the next, and one column to the next. */
  tapStride: i32;
  depthStride: i32;
  columnStride: i32;
  /** Channels that are reduced, and channels of the result. */
  depth: i32;
  columns: i32;
  /** → [36][⌈columns / 8⌉][depth][8], zeros for the columns that are missing. */
  packed: usize;
}

/** A chunk is a panel of eight columns. */
export function winogradPacking(task: WinogradPackingTask, chunk: i32, scratch: usize): void {
  const depth = task.depth;
  const step = (<usize>(((task.columns + 7) >> 3) * depth)) << 5;
  for (let k = 0; k < depth; k++) {
    for (let half = 0; half < 8; half += 4) {
      const first = (chunk << 3) + half;
      for (let tap = 0; tap < 9; tap++) {
        for (let lane = 0; lane < 4; lane++) {
          const column = first + lane;
          const at = tap * task.tapStride + k * task.depthStride + column * task.columnStride;
          const value = column < task.columns ? load<f32>(task.filter + ((<usize>at) << 2)) : 0;
          store<f32>(scratch + ((<usize>(tap * 4 + lane)) << 2), value);
        }
      }
      const to = task.packed + ((<usize>((chunk * depth + k) * 8 + half)) << 2);
      transformFilter(scratch, to, step);
    }
  }
}
