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

/** The most tiles side by side that are transformed together: their patches share columns. */
export const RUN_TILES: i32 = 8;
/** Bytes of a column of a run after the first pass: six values of up to sixteen channels, [4][6] vectors. */
const COLUMN_BYTES: usize = 4 * 96;
/** Bytes for the rows of a run's patches, and for its columns. */
export const RUN_BYTES: usize = 128 + (4 * 8 + 2) * 4 * 96;

/**
 * Bᵀ d B of the 6×6 patches of `tiles` tiles side by side, the first with its corner at `top` and `left`, which may lie outside
 * of the image. Where channels are no multiple of four, what follows a pixel in memory is transformed too, and never used. Results of a tile are `tileBytes` after those of the tile before.
 *
 * @param image address of the image, [height, width, channels]
 * @param run RUN_BYTES for what lies between the passes
 * @param four a vector of fours
 */
export function transformInputRun(
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  tiles: i32,
  to: usize,
  tileBytes: usize,
  step: usize,
  run: usize,
  four: v128,
): void {
  const pixel = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixel;
  const isInside = top >= 0 && top + 6 <= height;
  if (!isInside) writeRows(run, top, height, rowBytes);
  const columns = run + 128;
  for (let channel = 0; channel < channels; channel += 16) {
    const vectors = min(4, (channels - channel + 3) >> 2);
    let column = columns;
    const from = image + ((<usize>channel) << 2);
    for (let x = left; x < left + 4 * tiles + 2; x++) {
      const end = column + <usize>vectors * 96;
      if (<u32>x >= <u32>width) {
        for (let out = column; out < end; out += 16) v128.store(out, f32x4.splat(0));
      } else if (isInside) {
        let pixelFrom = from + <usize>top * rowBytes + <usize>x * pixel;
        for (let out = column; out < end; out += 96) {
          let row = pixelFrom;
          const d0 = v128.load(row);
          row += rowBytes;
          const d1 = v128.load(row);
          row += rowBytes;
          const d2 = v128.load(row);
          row += rowBytes;
          const d3 = v128.load(row);
          row += rowBytes;
          const d4 = v128.load(row);
          row += rowBytes;
          inputPass(d0, d1, d2, d3, d4, v128.load(row), out, 16, four);
          pixelFrom += 16;
        }
      } else {
        let pixelFrom = from + <usize>x * pixel;
        for (let out = column; out < end; out += 96) {
          edgePass(pixelFrom, run, out, four);
          pixelFrom += 16;
        }
      }
      column += COLUMN_BYTES;
    }
    transformColumns(columns, tiles, vectors, to + ((<usize>channel) << 2), tileBytes, step, four);
  }
}

/** The second pass: from columns of six values to the 36 values of each tile. */
function transformColumns(
  columns: usize,
  tiles: i32,
  vectors: i32,
  to: usize,
  tileBytes: usize,
  step: usize,
  four: v128,
): void {
  const line = 6 * step;
  for (let tile = 0; tile < tiles; tile++) {
    let out = to;
    for (let row: usize = 0; row < 96; row += 16) {
      let from = columns + row;
      const end = out + ((<usize>vectors) << 4);
      for (let vector = out; vector < end; vector += 16) {
        inputPass(
          v128.load(from),
          v128.load(from, 384),
          v128.load(from, 768),
          v128.load(from, 1152),
          v128.load(from, 1536),
          v128.load(from, 1920),
          vector,
          step,
          four,
        );
        from += 96;
      }
      out += line;
    }
    columns += 4 * COLUMN_BYTES;
    to += tileBytes;
  }
}

/** For each of six rows from `top` on, where it begins in the image, and bits that are zero if it lies outside: at 0 and at 32. */
function writeRows(to: usize, top: i32, height: i32, rowBytes: usize): void {
  for (let row = 0; row < 6; row++) {
    const y = top + row;
    const isInside = <u32>y < <u32>height;
    store<u32>(to + ((<usize>row) << 2), isInside ? <u32>(<usize>y * rowBytes) : 0);
    v128.store(to + 32 + ((<usize>row) << 4), i32x4.splat(isInside ? -1 : 0));
  }
}

@inline
function edgePass(from: usize, rows: usize, to: usize, four: v128): void {
  inputPass(
    edgeValue(from, rows, 0),
    edgeValue(from, rows, 1),
    edgeValue(from, rows, 2),
    edgeValue(from, rows, 3),
    edgeValue(from, rows, 4),
    edgeValue(from, rows, 5),
    to,
    16,
    four,
  );
}

@inline
function edgeValue(from: usize, rows: usize, row: usize): v128 {
  const value = v128.load(from + <usize>load<u32>(rows + (row << 2)));
  return v128.and(value, v128.load(rows + 32 + (row << 4)));
}

@inline
function inputPass(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
  to: usize,
  step: usize,
  four: v128,
): void {
  const r = f32x4.sub(d4, d2);
  v128.store(to, multiplyAdd(four, f32x4.sub(d0, d2), r));
  to += step;
  const p = multiplySubtract(four, d2, d4);
  const q = multiplySubtract(four, d1, d3);
  v128.store(to, f32x4.add(p, q));
  to += step;
  v128.store(to, f32x4.sub(p, q));
  to += step;
  const t = f32x4.sub(d3, d1);
  const s = f32x4.add(t, t);
  v128.store(to, f32x4.add(r, s));
  to += step;
  v128.store(to, f32x4.sub(r, s));
  to += step;
  v128.store(to, multiplySubtract(four, t, f32x4.sub(d5, d3)));
}

/** Aᵀ m A: 36 products to 4×4 outputs, which then lie in `between` in rows of `VALUE_ROW` bytes. */
@inline
export function transformOutput(products: usize, step: usize, between: usize, four: v128): void {
  const line = 6 * step;
  for (let column = between; column < between + VALUE_ROW; column += 16) {
    let from = products;
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
    outputPass(m0, m1, m2, m3, m4, v128.load(from), column, VALUE_ROW, four);
    products += step;
  }
  for (let row = between; row < between + 4 * VALUE_ROW; row += VALUE_ROW) {
    outputPass(
      v128.load(row),
      v128.load(row, 16),
      v128.load(row, 32),
      v128.load(row, 48),
      v128.load(row, 64),
      v128.load(row, 80),
      row,
      16,
      four,
    );
  }
}

@inline
function outputPass(
  m0: v128,
  m1: v128,
  m2: v128,
  m3: v128,
  m4: v128,
  m5: v128,
  to: usize,
  step: usize,
  four: v128,
): void {
  const a = f32x4.add(m1, m2);
  const b = f32x4.sub(m1, m2);
  const c = f32x4.add(m3, m4);
  const d = f32x4.sub(m3, m4);
  const e = f32x4.add(d, d);
  v128.store(to, f32x4.add(f32x4.add(m0, a), c));
  v128.store(to + step, f32x4.add(b, e));
  v128.store(to + 2 * step, multiplyAdd(four, c, a));
  v128.store(to + 3 * step, f32x4.add(multiplyAdd(four, e, b), m5));
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
  four: v128,
): void {
  for (let column = between; column < between + 64; column += 16) {
    gradientPass(
      v128.load(patch),
      v128.load(patch + rowStride),
      v128.load(patch + 2 * rowStride),
      v128.load(patch + 3 * rowStride),
      column,
      64,
      four,
    );
    patch += columnStride;
  }
  const line = 6 * step;
  for (let row = between; row < between + 6 * 64; row += 64) {
    gradientPass(v128.load(row), v128.load(row, 16), v128.load(row, 32), v128.load(row, 48), to, step, four);
    to += line;
  }
}

@inline
function gradientPass(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize, four: v128): void {
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
  const t = f32x4.add(s, s);
  v128.store(to, f32x4.add(r, t));
  to += step;
  v128.store(to, f32x4.sub(r, t));
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
