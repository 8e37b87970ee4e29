// float32 rounded to what bytes of a range can hold, and the gradient of that by the straight-through estimator.

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
  const last = min(task.size, (chunk + 1) * FAKE_QUANTIZE_VALUES_PER_CHUNK);
  const x = task.x;
  const dy = task.dy;
  const out = task.out;
  const scale = task.scale;
  const low: f32 = -task.zero;
  const high: f32 = <f32>255 - task.zero;
  let at = chunk * FAKE_QUANTIZE_VALUES_PER_CHUNK;
  for (; at + 4 <= last; at += 4) {
    const offset = <usize>at << 2;
    const steps = f32x4.nearest(f32x4.div(v128.load(x + offset), f32x4.splat(scale)));
    const kept = f32x4.min(f32x4.splat(high), f32x4.max(f32x4.splat(low), steps));
    const value = dy
      ? v128.and(v128.load(dy + offset), f32x4.eq(steps, kept))
      : f32x4.mul(kept, f32x4.splat(scale));
    v128.store(out + offset, value);
  }
  for (; at < last; at++) {
    const offset = <usize>at << 2;
    const steps = nearest<f32>(load<f32>(x + offset) / scale);
    const kept = min<f32>(high, max<f32>(low, steps));
    store<f32>(out + offset, dy ? (steps == kept ? load<f32>(dy + offset) : 0) : kept * scale);
  }
}
