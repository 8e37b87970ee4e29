// Adds the separate sums of chunks, always in the same order, so that the number of threads does not change the result.
// The parts can also be two tensors.

@unmanaged
export class SumPartialsTask {
  /** [parts][rows][pitch] */
  partials: usize;
  parts: i32;
  /** From one part to the next. */
  partBytes: usize;
  rows: i32;
  pitch: i32;
  /** [rows][columns] */
  out: usize;
  columns: i32;
  rowsPerChunk: i32;
}

export function sumPartials(task: SumPartialsTask, chunk: i32, _scratch: usize): void {
  const first = chunk * task.rowsPerChunk;
  const last = min(first + task.rowsPerChunk, task.rows);
  const partBytes = task.partBytes;
  for (let row = first; row < last; row++) {
    let from = task.partials + ((<usize>(row * task.pitch)) << 2);
    let to = task.out + ((<usize>(row * task.columns)) << 2);
    let columns = task.columns;
    for (; columns >= 4; columns -= 4) {
      let sum = v128.load(from);
      for (let part = 1; part < task.parts; part++) {
        sum = f32x4.add(sum, v128.load(from + <usize>part * partBytes));
      }
      v128.store(to, sum);
      from += 16;
      to += 16;
    }
    for (; columns > 0; columns--) {
      let sum = load<f32>(from);
      for (let part = 1; part < task.parts; part++) sum += load<f32>(from + <usize>part * partBytes);
      store<f32>(to, sum);
      from += 4;
      to += 4;
    }
  }
}
