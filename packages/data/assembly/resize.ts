// The two passes of resizing, in 128-bit vectors, to the same bytes as src/resampling/scalar.ts.
//
// A weight has 22 bits behind the point, a pixel 8 bits. Multiplying 32-bit lanes would need a shuffle and a product for
// every four pixels. Instead a weight is split, weight = 65536 × high + low with a signed low half: `dot` multiplies
// eight pixels with eight halves and adds neighbors, so that a pair of pixels of a target pixel lies in one lane. All
// sums are taken modulo 2^32, as in JavaScript, so that the split changes nothing.

const PRECISION: i32 = 22;

@inline
function half(): v128 {
  return i32x4.splat(1 << (PRECISION - 1));
}

/** The sum of the products with both halves of the weights, without the bits behind the point. */
@inline
function total(low: v128, high: v128): v128 {
  return i32x4.shr_s(i32x4.add(low, i32x4.shl(high, 16)), PRECISION);
}

/** Two pixels of 3 or 4 channels as 16-bit lanes, each channel's two side by side. */
@inline
function pair(address: usize, channels: i32): v128 {
  const bytes = v128.load_zero<u64>(address);
  const none: i8 = -1;
  return channels == 3
    ? v128.swizzle(
        bytes,
        i8x16(0, none, 3, none, 1, none, 4, none, 2, none, 5, none, none, none, none, none),
      )
    : v128.swizzle(
        bytes,
        i8x16(0, none, 4, none, 1, none, 5, none, 2, none, 6, none, 3, none, 7, none),
      );
}

/**
 * Four rows at a time, as they share their weights.
 * @param starts for each target pixel, where its first source pixel lies in the row, in bytes
 * @param weights for each target pixel, `pairs` times: two low halves, two high halves
 */
@inline
function acrossPairs(
  channels: i32, from: usize, fromStride: usize, to: usize, toStride: usize,
  rows: i32, columns: i32, starts: usize, weights: usize, pairs: i32,
): void {
  for (let row = 0; row < rows; row += 4) {
    let weight = weights;
    let target = to;
    for (let column = 0; column < columns; column++) {
      let a = from + <usize>load<u32>(starts + (<usize>column << 2));
      let b = a + fromStride;
      let c = b + fromStride;
      let d = c + fromStride;
      let lowA = half(), lowB = half(), lowC = half(), lowD = half();
      let highA = i32x4.splat(0), highB = highA, highC = highA, highD = highA;
      const end = weight + (<usize>pairs << 3);
      do {
        const low = v128.load_splat<u32>(weight);
        const high = v128.load_splat<u32>(weight, 4);
        let pixels = pair(a, channels);
        lowA = i32x4.add(lowA, i32x4.dot_i16x8_s(pixels, low));
        highA = i32x4.add(highA, i32x4.dot_i16x8_s(pixels, high));
        pixels = pair(b, channels);
        lowB = i32x4.add(lowB, i32x4.dot_i16x8_s(pixels, low));
        highB = i32x4.add(highB, i32x4.dot_i16x8_s(pixels, high));
        pixels = pair(c, channels);
        lowC = i32x4.add(lowC, i32x4.dot_i16x8_s(pixels, low));
        highC = i32x4.add(highC, i32x4.dot_i16x8_s(pixels, high));
        pixels = pair(d, channels);
        lowD = i32x4.add(lowD, i32x4.dot_i16x8_s(pixels, low));
        highD = i32x4.add(highD, i32x4.dot_i16x8_s(pixels, high));
        a += 2 * channels;
        b += 2 * channels;
        c += 2 * channels;
        d += 2 * channels;
        weight += 8;
      } while (weight < end);
      const bytes = i8x16.narrow_i16x8_u(
        i16x8.narrow_i32x4_s(total(lowA, highA), total(lowB, highB)),
        i16x8.narrow_i32x4_s(total(lowC, highC), total(lowD, highD)),
      );
      // With 3 channels the fourth byte is the next pixel's first, which overwrites it.
      v128.store_lane<u32>(target, bytes, 0);
      v128.store_lane<u32>(target + toStride, bytes, 1);
      v128.store_lane<u32>(target + 2 * toStride, bytes, 2);
      v128.store_lane<u32>(target + 3 * toStride, bytes, 3);
      target += channels;
    }
    from += fromStride << 2;
    to += toStride << 2;
  }
}

export function across3(
  from: usize, fromStride: usize, to: usize, toStride: usize,
  rows: i32, columns: i32, starts: usize, weights: usize, pairs: i32,
): void {
  acrossPairs(3, from, fromStride, to, toStride, rows, columns, starts, weights, pairs);
}

export function across4(
  from: usize, fromStride: usize, to: usize, toStride: usize,
  rows: i32, columns: i32, starts: usize, weights: usize, pairs: i32,
): void {
  acrossPairs(4, from, fromStride, to, toStride, rows, columns, starts, weights, pairs);
}

/**
 * One channel: eight source pixels of a target pixel at a time.
 * @param weights for each target pixel, `groups` times: eight low halves, eight high halves
 */
export function across1(
  from: usize, fromStride: usize, to: usize, toStride: usize,
  rows: i32, columns: i32, starts: usize, weights: usize, groups: i32,
): void {
  for (let row = 0; row < rows; row += 4) {
    let weight = weights;
    for (let column = 0; column < columns; column++) {
      let a = from + <usize>load<u32>(starts + (<usize>column << 2));
      let lowA = i32x4.splat(0), lowB = lowA, lowC = lowA, lowD = lowA;
      let highA = lowA, highB = lowA, highC = lowA, highD = lowA;
      const end = weight + (<usize>groups << 5);
      do {
        const low = v128.load(weight);
        const high = v128.load(weight, 16);
        let pixels = v128.load_ext<u8>(a);
        lowA = i32x4.add(lowA, i32x4.dot_i16x8_s(pixels, low));
        highA = i32x4.add(highA, i32x4.dot_i16x8_s(pixels, high));
        pixels = v128.load_ext<u8>(a + fromStride);
        lowB = i32x4.add(lowB, i32x4.dot_i16x8_s(pixels, low));
        highB = i32x4.add(highB, i32x4.dot_i16x8_s(pixels, high));
        pixels = v128.load_ext<u8>(a + 2 * fromStride);
        lowC = i32x4.add(lowC, i32x4.dot_i16x8_s(pixels, low));
        highC = i32x4.add(highC, i32x4.dot_i16x8_s(pixels, high));
        pixels = v128.load_ext<u8>(a + 3 * fromStride);
        lowD = i32x4.add(lowD, i32x4.dot_i16x8_s(pixels, low));
        highD = i32x4.add(highD, i32x4.dot_i16x8_s(pixels, high));
        a += 8;
        weight += 32;
      } while (weight < end);
      const low = sums(lowA, lowB, lowC, lowD);
      const high = sums(highA, highB, highC, highD);
      const words = i16x8.narrow_i32x4_s(total(i32x4.add(low, half()), high), low);
      const bytes = i8x16.narrow_i16x8_u(words, words);
      const target = to + column;
      v128.store_lane<u8>(target, bytes, 0);
      v128.store_lane<u8>(target + toStride, bytes, 1);
      v128.store_lane<u8>(target + 2 * toStride, bytes, 2);
      v128.store_lane<u8>(target + 3 * toStride, bytes, 3);
    }
    from += fromStride << 2;
    to += toStride << 2;
  }
}

/** The sum of each vector's four lanes. */
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(
    v128.shuffle<u32>(a, b, 0, 4, 1, 5),
    v128.shuffle<u32>(a, b, 2, 6, 3, 7),
  );
  const cd = i32x4.add(
    v128.shuffle<u32>(c, d, 0, 4, 1, 5),
    v128.shuffle<u32>(c, d, 2, 6, 3, 7),
  );
  return i32x4.add(v128.shuffle<u32>(ab, cd, 0, 1, 4, 5), v128.shuffle<u32>(ab, cd, 2, 3, 6, 7));
}

/**
 * Any number of channels: sixteen bytes of a row at a time. Up to 15 bytes after a row are written, which the next row
 * overwrites.
 * @param starts for each target row, where its first source row lies after `from`, in bytes
 * @param weights for each target row, `pairs` times: two low halves, two high halves
 */
export function down(
  from: usize, stride: usize, to: usize, rowBytes: i32,
  rows: i32, starts: usize, weights: usize, pairs: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const start = from + <usize>load<u32>(starts + (<usize>row << 2));
    const end = weights + (<usize>pairs << 3);
    for (let offset = 0; offset < rowBytes; offset += 16) {
      let address = start + offset;
      let low0 = half(), low1 = half(), low2 = half(), low3 = half();
      let high0 = i32x4.splat(0), high1 = high0, high2 = high0, high3 = high0;
      let weight = weights;
      do {
        const low = v128.load_splat<u32>(weight);
        const high = v128.load_splat<u32>(weight, 4);
        const upper = v128.load(address);
        const lower = v128.load(address + stride);
        const left = v128.shuffle<u8>(
          upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
        );
        const right = v128.shuffle<u8>(
          upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31,
        );
        let pixels = i16x8.extend_low_i8x16_u(left);
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pixels, low));
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pixels, high));
        pixels = i16x8.extend_high_i8x16_u(left);
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pixels, low));
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pixels, high));
        pixels = i16x8.extend_low_i8x16_u(right);
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pixels, low));
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pixels, high));
        pixels = i16x8.extend_high_i8x16_u(right);
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pixels, low));
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pixels, high));
        address += 2 * stride;
        weight += 8;
      } while (weight < end);
      v128.store(
        to + offset,
        i8x16.narrow_i16x8_u(
          i16x8.narrow_i32x4_s(total(low0, high0), total(low1, high1)),
          i16x8.narrow_i32x4_s(total(low2, high2), total(low3, high3)),
        ),
      );
    }
    weights = end;
    to += rowBytes;
  }
}
