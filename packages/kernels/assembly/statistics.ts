// Sums and sums of squares of each channel, made while a convolution stores its tiles: in float32 over some dozens of
// pixels, then added to float64, which keeps the error at 1e-7.
import { addToDoubles, load4, multiplyAdd, store4 } from './vectors';

/** The bytes of a thread's float32 sums for this many channels, rounded up to tiles of eight. */
export function statisticsBytes(channels: i32): usize {
  return (<usize>(channels + 7) & ~7) << 3;
}

/** Adds four channels of several pixels, `step` bytes apart, to sums and squares, [2][channels]. */
@inline
export function addStatistics<L>(sums: usize, channels: i32, pixels: i32, from: usize, step: usize, lanes: i32): void {
  const squares = sums + ((<usize>channels) << 2);
  let sum = load4<L>(sums, lanes);
  let square = load4<L>(squares, lanes);
  for (; pixels > 0; pixels--) {
    const value = v128.load(from);
    sum = f32x4.add(sum, value);
    square = multiplyAdd(value, value, square);
    from += step;
  }
  store4<L>(sums, sum, lanes);
  store4<L>(squares, square, lanes);
}

/** Moves float32 [2][channels] into float64 [2][channels], and leaves zeros. */
export function flushStatistics(sums: usize, channels: i32, totals: usize): void {
  const zero = f32x4.splat(0);
  let count = channels * 2;
  for (; count >= 4; count -= 4) {
    addToDoubles(totals, v128.load(sums), 4);
    v128.store(sums, zero);
    sums += 16;
    totals += 32;
  }
  for (; count > 0; count--) {
    f64.store(totals, f64.load(totals) + <f64>f32.load(sums));
    f32.store(sums, 0);
    sums += 4;
    totals += 8;
  }
}
