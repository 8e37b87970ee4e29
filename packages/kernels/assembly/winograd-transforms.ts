// The transforms of Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray, "Fast Algorithms for Convolutional Neural
// Networks", CVPR 2016, Section 4.3), four channels at a time. Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A with d a 6×6 patch of
// the input, g the 3×3 filter and Y 4×4 outputs. `step` is the distance between the 36 results of a transform.
import { multiplyAdd, multiplySubtract, Rest, store4 } from './vectors';

/** Values of a transformed tile, 6×6, and with it matrices of a block. */
export const WINOGRAD_VALUES: usize = 36;
/** Bytes for the values between the two passes of a transform. */
export const BETWEEN_BYTES: usize = WINOGRAD_VALUES * 16;
/** Bytes of a row of six of these values. */
export const VALUE_ROW: usize = 6 * 16;

/** Bytes of a cache line. */
export const CACHE_LINE: usize = 64;

/**
 * Bytes from one of a block's 36 matrices to the next: an odd number of cache lines, so that the 36 values of a
 * transform do not fall into one set of the cache.
 */
export function matrixStep(tiles: i32, rowBytes: usize): usize {
  return ((<usize>tiles * rowBytes + (CACHE_LINE - 1)) & ~(CACHE_LINE - 1)) | CACHE_LINE;
}

/** Bᵀ d B of a patch whose rows and columns lie `rowStride` and `columnStride` bytes apart. */
@inline
export function transformInput(
  patch: usize,
  rowStride: usize,
  columnStride: usize,
  to: usize,
  step: usize,
  between: usize,
): void {
  for (let column: usize = 0; column < 6; column++) {
    let from = patch + column * columnStride;
    const d0 = v128.load(from);
    from += rowStride;
    const d1 = v128.load(from);
    from += rowStride;
    const d2 = v128.load(from);
    from += rowStride;
    const d3 = v128.load(from);
    from += rowStride;
    const d4 = v128.load(from);
    from += rowStride;
    inputPass(d0, d1, d2, d3, d4, v128.load(from), between + (column << 4), 96);
  }
  for (let row: usize = 0; row < 6; row++) {
    const from = between + row * 96;
    inputPass(
      v128.load(from),
      v128.load(from, 16),
      v128.load(from, 32),
      v128.load(from, 48),
      v128.load(from, 64),
      v128.load(from, 80),
      to,
      step,
    );
    to += 6 * step;
  }
}

@inline
function inputPass(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  const two = f32x4.splat(2);
  const four = f32x4.splat(4);
  const five = f32x4.splat(5);
  v128.store(to, multiplyAdd(four, d0, multiplySubtract(five, d2, d4)));
  to += step;
  const p = multiplySubtract(four, d2, d4);
  const q = multiplySubtract(four, d1, d3);
  v128.store(to, f32x4.add(p, q));
  to += step;
  v128.store(to, f32x4.sub(p, q));
  to += step;
  const r = f32x4.sub(d4, d2);
  const s = f32x4.sub(d3, d1);
  v128.store(to, multiplyAdd(two, s, r));
  to += step;
  v128.store(to, multiplySubtract(two, s, r));
  to += step;
  v128.store(to, multiplyAdd(four, d1, multiplySubtract(five, d3, d5)));
}

/** Aᵀ m A: 36 products to 4×4 outputs, which then lie in `between` in rows of `VALUE_ROW` bytes. */
@inline
export function transformOutput(products: usize, step: usize, between: usize): void {
  for (let column: usize = 0; column < 6; column++) {
    let from = products + column * step;
    const line: usize = 6 * step;
    const m0 = v128.load(from);
    from += line;
    const m1 = v128.load(from);
    from += line;
    const m2 = v128.load(from);
    from += line;
    const m3 = v128.load(from);
    from += line;
    const m4 = v128.load(from);
    from += line;
    outputPass(m0, m1, m2, m3, m4, v128.load(from), between + (column << 4), VALUE_ROW);
  }
  for (let row: usize = 0; row < 4; row++) {
    const from = between + row * VALUE_ROW;
    outputPass(
      v128.load(from),
      v128.load(from, 16),
      v128.load(from, 32),
      v128.load(from, 48),
      v128.load(from, 64),
      v128.load(from, 80),
      from,
      16,
    );
  }
}

@inline
function outputPass(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
  const a = f32x4.add(m1, m2);
  const b = f32x4.sub(m1, m2);
  const c = f32x4.add(m3, m4);
  const d = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(m0, a), c));
  v128.store(to + step, multiplyAdd(f32x4.splat(2), d, b));
  v128.store(to + 2 * step, multiplyAdd(f32x4.splat(4), c, a));
  v128.store(to + 3 * step, f32x4.add(multiplyAdd(f32x4.splat(8), d, b), m5));
}

/** A dy Aᵀ: 4×4 gradients of the outputs to 36 values. */
@inline
export function transformOutputGradient(
  patch: usize,
  rowStride: usize,
  columnStride: usize,
  to: usize,
  step: usize,
  between: usize,
): void {
  for (let column: usize = 0; column < 4; column++) {
    const from = patch + column * columnStride;
    gradientPass(
      v128.load(from),
      v128.load(from + rowStride),
      v128.load(from + 2 * rowStride),
      v128.load(from + 3 * rowStride),
      between + (column << 4),
      64,
    );
  }
  for (let row: usize = 0; row < 6; row++) {
    const from = between + (row << 6);
    gradientPass(v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48), to, step);
    to += 6 * step;
  }
}

@inline
function gradientPass(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  const four = f32x4.splat(4);
  v128.store(to, y0);
  to += step;
  const p = f32x4.add(y0, y2);
  const q = f32x4.add(y1, y3);
  v128.store(to, f32x4.add(p, q));
  to += step;
  v128.store(to, f32x4.sub(p, q));
  to += step;
  const r = multiplyAdd(four, y2, y0);
  const s = multiplyAdd(four, y3, y1);
  const two = f32x4.splat(2);
  v128.store(to, multiplyAdd(two, s, r));
  to += step;
  v128.store(to, multiplySubtract(two, s, r));
  to += step;
  v128.store(to, y3);
}

/** G g Gᵀ: the nine weights at `taps` + tap · tapStride to 36 values. */
@inline
export function transformFilter(g: usize, to: usize, step: usize): void {
  // In place, from three columns of three to three columns of six, the last first.
  const between = g + 9 * 16;
  for (let column: usize = 0; column < 3; column++) {
    const from = g + (column << 4);
    filterPass(v128.load(from), v128.load(from, 48), v128.load(from, 96), between + (column << 4), 48);
  }
  for (let row: usize = 0; row < 6; row++) {
    const from = between + row * 48;
    filterPass(v128.load(from), v128.load(from, 16), v128.load(from, 32), to, step);
    to += 6 * step;
  }
}

function filterPass(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  const sixth = f32x4.splat(1.0 / 6);
  v128.store(to, f32x4.mul(g0, f32x4.splat(0.25)));
  to += step;
  const a = f32x4.mul(f32x4.add(g0, g2), sixth);
  const b = f32x4.mul(g1, sixth);
  v128.store(to, f32x4.neg(f32x4.add(a, b)));
  to += step;
  v128.store(to, f32x4.sub(b, a));
  to += step;
  const c = f32x4.add(f32x4.mul(g0, f32x4.splat(1.0 / 24)), f32x4.mul(g2, sixth));
  const d = f32x4.mul(g1, f32x4.splat(1.0 / 12));
  v128.store(to, f32x4.add(c, d));
  to += step;
  v128.store(to, f32x4.sub(c, d));
  to += step;
  v128.store(to, g2);
}

/** Gᵀ u G: 36 sums to the nine weights' gradients, `tapStride` bytes apart. */
export function transformFilterGradient(sums: usize, step: usize, to: usize, tapStride: usize, between: usize, lanes: i32): void {
  for (let column: usize = 0; column < 6; column++) {
    filterGradientPass(sums + column * step, 6 * step, between + (column << 4), 96, 4);
  }
  for (let row: usize = 0; row < 3; row++) {
    filterGradientPass(between + row * 96, 16, to + row * 3 * tapStride, tapStride, lanes);
  }
}

function filterGradientPass(from: usize, line: usize, to: usize, step: usize, lanes: i32): void {
  const u0 = v128.load(from);
  from += line;
  const u1 = v128.load(from);
  from += line;
  const u2 = v128.load(from);
  from += line;
  const u3 = v128.load(from);
  from += line;
  const u4 = v128.load(from);
  from += line;
  const u5 = v128.load(from);
  const sixth = f32x4.splat(1.0 / 6);
  const a = f32x4.mul(sixth, f32x4.add(u1, u2));
  const b = f32x4.add(u3, u4);
  const first = f32x4.sub(f32x4.mul(u0, f32x4.splat(0.25)), a);
  store4<Rest>(to, f32x4.add(first, f32x4.mul(b, f32x4.splat(1.0 / 24))), lanes);
  to += step;
  const second = f32x4.mul(sixth, f32x4.sub(u2, u1));
  store4<Rest>(to, f32x4.add(second, f32x4.mul(f32x4.splat(1.0 / 12), f32x4.sub(u3, u4))), lanes);
  to += step;
  store4<Rest>(to, f32x4.add(f32x4.sub(f32x4.mul(sixth, b), a), u5), lanes);
}
