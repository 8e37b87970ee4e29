// float32 rounded to what bytes of a range can hold, and the gradient of that by the straight-through estimator.
import { load4, Rest, store4, Whole } from '../vectors';

/** Values of a chunk. */
export const FAKE_QUANTIZE_VALUES_PER_CHUNK: i32 = 16384;

@unmanaged
export class FakeQuantizeTask {
  x: usize;
  /** The gradient of the result, for that of x; else 0. */
  dy: usize;
  out: usize;
  size: i32;
  scale: f32;
  zero: f32;
}

/**
 * round(x / scale), half to even, kept between -zero and 255 - zero, times scale; NaN stays NaN. With dy instead: dy where
 * round(x / scale) is between those ends, else 0.
 */
export function fakeQuantize(task: FakeQuantizeTask, chunk: i32, _scratch: usize): void {
  const first = chunk * FAKE_QUANTIZE_VALUES_PER_CHUNK;
  let count = min(task.size - first, FAKE_QUANTIZE_VALUES_PER_CHUNK);
  const offset = <usize>first << 2;
  let x = task.x + offset;
  let dy = task.dy ? task.dy + offset : 0;
  let out = task.out + offset;
  const scale = f32x4.splat(task.scale);
  const low = f32x4.splat(0 - task.zero);
  const high = f32x4.splat(255 - task.zero);
  for (; count >= 4; count -= 4) {
    roundOrPass<Whole>(x, dy, out, scale, low, high, 4);
    x += 16;
    dy += dy ? 16 : 0;
    out += 16;
  }
  if (count > 0) roundOrPass<Rest>(x, dy, out, scale, low, high, count);
}

@inline
function roundOrPass<L>(x: usize, dy: usize, out: usize, scale: v128, low: v128, high: v128, lanes: i32): void {
  const steps = f32x4.nearest(f32x4.div(load4<L>(x, lanes), scale));
  const kept = f32x4.min(high, f32x4.max(low, steps));
  if (dy) store4<L>(out, v128.and(load4<L>(dy, lanes), f32x4.eq(steps, kept)), lanes);
  else store4<L>(out, f32x4.mul(kept, scale), lanes);
}
