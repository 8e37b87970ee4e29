// Filters as tiles of bytes read them: panels of eight output channels, whose weights for four bytes of a row lie side by side.
import { INT8_BYTES } from '../generated/tiles';

@unmanaged
export class Int8PackingTask {
  /** int8 [depth][columns] */
  filter: usize;
  depth: i32;
  columns: i32;
  /** Eight bytes of a row each. */
  steps: i32;
  /** int32 [8 · ⌈columns / 8⌉]: the sum of each column. */
  sums: usize;
  /** → [⌈columns / 8⌉][2 · steps][8][4 bytes], zeros for what is missing. */
  packed: usize;
}

/** A chunk is a panel. */
export function int8Packing(task: Int8PackingTask, chunk: i32, _scratch: usize): void {
  const perGroup = 4 / <i32>INT8_BYTES;
  let to = task.packed + (<usize>(chunk * task.steps) << 6);
  for (let group = 0; group < 2 * task.steps; group++) {
    for (let column = chunk << 3; column < (chunk + 1) << 3; column++) {
      for (let k = group * perGroup; k < (group + 1) * perGroup; k++) {
        const weight = column < task.columns && k < task.depth ? load<i8>(task.filter + <usize>(k * task.columns + column)) : 0;
        if (ASC_FEATURE_RELAXED_SIMD) store<i8>(to, weight);
        else store<i16>(to, weight);
        to += INT8_BYTES;
      }
    }
  }
  for (let column = chunk << 3; column < (chunk + 1) << 3; column++) {
    let sum = 0;
    if (column < task.columns) {
      for (let k = 0; k < task.depth; k++) sum += load<i8>(task.filter + <usize>(k * task.columns + column));
    }
    store<i32>(task.sums + (<usize>column << 2), sum);
  }
}
