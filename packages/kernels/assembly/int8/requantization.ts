// What is done to a convolution's exact integer sums before they are stored. Every operation is one of IEEE 754's on float32,
// rounded once, so that the result has the same bits on every engine.

/** Add the residual, a quantized tensor of the result's shape. */
export const INT8_RESIDUAL: i32 = 1;
/** Store float32 values in place of bytes. */
export const INT8_FLOAT: i32 = 2;

/** The bits of 1.5 · 2^23: adding that to a float of less than 2^22 rounds it to an integer, half to even, in the low bits. */
export const ROUNDING_BITS: i32 = 1262485504;

/** The part of a task that says how sums become bytes. */
@unmanaged
export class Requantization {
  flags: i32;
  channels: i32;
  /** float32 [8 · ⌈channels / 8⌉]: what a unit of the sum is in units of the result. */
  scale: usize;
  /** int32 [8 · ⌈channels / 8⌉], added to the sum. */
  bias: usize;
  /** The residual's address less the result's. */
  residualOffset: usize;
  residualZero: i32;
  /** What a unit of the residual is in units of the result. */
  residualScale: f32;
  /** The byte that stands for 0. */
  zero: i32;
  /** The smallest and the largest result, less `zero`. */
  low: f32;
  high: f32;
  /** 1.5 · 2^23, see ROUNDING_BITS. A field, as V8 makes a constant vector anew at each use. */
  rounding: f32;
}

/** Bytes of the result's values. */
@inline
export function valueBytes(task: Requantization): usize {
  return task.flags & INT8_FLOAT ? 4 : 1;
}

/**
 * Ends and stores `rows` pixels' sums of eight channels, of which the first `columns` exist.
 *
 * @param bias that of the task, or a copy that makes up for something
 * @param sums int32 [rows][8]
 * @param out of the first pixel and channel; pixels lie `pitch` bytes apart
 */
export function storeSums(
  task: Requantization,
  bias: usize,
  channel: i32,
  columns: i32,
  rows: i32,
  sums: usize,
  out: usize,
  pitch: usize,
): void {
  const offset = (<usize>channel) << 2;
  const scaleLow = v128.load(task.scale + offset);
  const scaleHigh = v128.load(task.scale + offset, 16);
  const biasLow = v128.load(bias + offset);
  const biasHigh = v128.load(bias + offset, 16);
  if (task.flags & INT8_FLOAT) {
    for (; rows > 0; rows--) {
      const low = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(v128.load(sums), biasLow)), scaleLow);
      const high = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(v128.load(sums, 16), biasHigh)), scaleHigh);
      v128.store(sums, low);
      v128.store(sums, high, 16);
      memory.copy(out, sums, (<usize>columns) << 2);
      sums += 32;
      out += pitch;
    }
    return;
  }
  const low = f32x4.splat(task.low);
  const high = f32x4.splat(task.high);
  const rounding = f32x4.splat(task.rounding);
  const toByte = i32x4.splat(task.zero - ROUNDING_BITS);
  const hasResidual = task.flags & INT8_RESIDUAL;
  const residualZero = i32x4.splat(task.residualZero);
  const residualScale = f32x4.splat(task.residualScale);
  for (; rows > 0; rows--) {
    let a = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(v128.load(sums), biasLow)), scaleLow);
    let b = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(v128.load(sums, 16), biasHigh)), scaleHigh);
    if (hasResidual) {
      const bytes = loadBytes(out + task.residualOffset, columns);
      const residual = i16x8.extend_low_i8x16_u(bytes);
      const first = i32x4.sub(i32x4.extend_low_i16x8_u(residual), residualZero);
      const second = i32x4.sub(i32x4.extend_high_i16x8_u(residual), residualZero);
      a = f32x4.add(a, f32x4.mul(f32x4.convert_i32x4_s(first), residualScale));
      b = f32x4.add(b, f32x4.mul(f32x4.convert_i32x4_s(second), residualScale));
    }
    a = f32x4.add(f32x4.pmin(high, f32x4.pmax(low, a)), rounding);
    b = f32x4.add(f32x4.pmin(high, f32x4.pmax(low, b)), rounding);
    const words = i16x8.narrow_i32x4_s(i32x4.add(a, toByte), i32x4.add(b, toByte));
    storeBytes(out, i8x16.narrow_i16x8_u(words, words), columns);
    sums += 32;
    out += pitch;
  }
}

@inline
function loadBytes(address: usize, count: i32): v128 {
  return count == 8 ? v128.load64_zero(address) : loadSomeBytes(address, count);
}

function loadSomeBytes(address: usize, count: i32): v128 {
  let bits: u64 = 0;
  for (let at = 0; at < count; at++) bits |= (<u64>load<u8>(address + <usize>at)) << (at << 3);
  return i64x2.replace_lane(i64x2.splat(0), 0, bits);
}

@inline
function storeBytes(address: usize, bytes: v128, count: i32): void {
  if (count == 8) v128.store64_lane(address, bytes, 0);
  else storeSomeBytes(address, i64x2.extract_lane(bytes, 0), count);
}

function storeSomeBytes(address: usize, bits: u64, count: i32): void {
  for (let at = 0; at < count; at++) store<u8>(address + <usize>at, <u8>(bits >> (at << 3)));
}
