// Filters of 3×3 as the int8 Winograd convolution reads them.

@unmanaged
export class Int8WinogradPackingTask {
  /** int8 [3][3][depth][columns] */
  filter: usize;
  /** A multiple of 4. */
  depth: i32;
  columns: i32;
  /** → int16 [⌈columns / 8⌉][25][depth / 2][8][2], zeros for the columns that are missing. */
  packed: usize;
}

/** A chunk is a panel of eight columns. */
export function int8WinogradPacking(task: Int8WinogradPackingTask, chunk: i32, scratch: usize): void {
  const depth = task.depth;
  const tap = <usize>(depth * task.columns);
  const panel = task.packed + (<usize>(25 * depth * chunk) << 4);
  for (let k = 0; k < depth; k++) {
    for (let column = 0; column < 8; column++) {
      const to = panel + (<usize>(k >> 1) << 5) + (<usize>column << 2) + (<usize>(k & 1) << 1);
      const at = task.filter + <usize>(k * task.columns + (chunk << 3) + column);
      const exists = (chunk << 3) + column < task.columns;
      for (let b = 0; b < 3; b++) {
        const from = at + <usize>b * tap;
        const step = <usize>3 * tap;
        transformFilter(
          exists ? <i32>load<i8>(from) : 0,
          exists ? <i32>load<i8>(from + step) : 0,
          exists ? <i32>load<i8>(from + 2 * step) : 0,
          scratch + (<usize>b << 2),
          12,
        );
      }
      for (let a = 0; a < 5; a++) {
        const from = scratch + <usize>a * 12;
        transformFilter(load<i32>(from), load<i32>(from, 4), load<i32>(from, 8), scratch + 64, 4);
        for (let b = 0; b < 5; b++) {
          store<i16>(to + (<usize>((a * 5 + b) * depth) << 4), <i16>load<i32>(scratch + 64 + (<usize>b << 2)));
        }
      }
    }
  }
}

/** Six times the filter's transform: (3g₀, -3(g₀ + g₁ + g₂), -g₀ + g₁ - g₂, g₀ + 2g₁ + 4g₂, 6g₂) */
@inline
function transformFilter(g0: i32, g1: i32, g2: i32, to: usize, step: usize): void {
  store<i32>(to, 3 * g0);
  store<i32>(to + step, -3 * (g0 + g1 + g2));
  store<i32>(to + 2 * step, g1 - g0 - g2);
  store<i32>(to + 3 * step, g0 + 2 * g1 + 4 * g2);
  store<i32>(to + 4 * step, 6 * g2);
}
