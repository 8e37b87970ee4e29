// From float32 to bytes and back.
import { ROUNDING_BITS } from './requantization';

/** Values of a chunk. */
export const INT8_VALUES_PER_CHUNK: i32 = 16384;

@unmanaged
export class Int8QuantizeTask {
  /** What is read, then what is written. */
  from: usize;
  to: usize;
  size: i32;
  scale: f32;
  zero: i32;
}

/** value / scale, rounded half to even, plus the byte for 0; what is too small or too large, and NaN, becomes 0 or 255. */
export function int8Quantize(task: Int8QuantizeTask, chunk: i32, _scratch: usize): void {
  const last = min(task.size, (chunk + 1) * INT8_VALUES_PER_CHUNK);
  const scale = f32x4.splat(task.scale);
  const low = f32x4.splat(0 - <f32>task.zero);
  const high = f32x4.splat(255 - <f32>task.zero);
  const rounding = f32x4.splat(reinterpret<f32>(ROUNDING_BITS));
  const toByte = i32x4.splat(task.zero - ROUNDING_BITS);
  let at = chunk * INT8_VALUES_PER_CHUNK;
  for (; at < last; at += 4) {
    const from = task.from + (<usize>at << 2);
    const to = task.to + <usize>at;
    let value = last - at >= 4 ? v128.load(from) : loadSome(from, last - at);
    value = f32x4.add(f32x4.pmin(high, f32x4.pmax(low, f32x4.div(value, scale))), rounding);
    value = i32x4.add(value, toByte);
    value = i16x8.narrow_i32x4_s(value, value);
    value = i8x16.narrow_i16x8_u(value, value);
    if (last - at >= 4) v128.store32_lane(to, value, 0);
    else storeSome(to, i32x4.extract_lane(value, 0), last - at);
  }
}

/** (byte - zero) · scale */
export function int8Dequantize(task: Int8QuantizeTask, chunk: i32, _scratch: usize): void {
  const last = min(task.size, (chunk + 1) * INT8_VALUES_PER_CHUNK);
  for (let at = chunk * INT8_VALUES_PER_CHUNK; at < last; at++) {
    const value = <f32>(<i32>load<u8>(task.from + <usize>at) - task.zero) * task.scale;
    store<f32>(task.to + (<usize>at << 2), value);
  }
}

function loadSome(address: usize, count: i32): v128 {
  let value = v128.load32_zero(address);
  if (count > 1) value = v128.load32_lane(address, value, 1, 4);
  if (count > 2) value = v128.load32_lane(address, value, 2, 8);
  return value;
}

function storeSome(address: usize, bits: i32, count: i32): void {
  for (let at = 0; at < count; at++) store<u8>(address + <usize>at, <u8>(bits >> (at << 3)));
}
