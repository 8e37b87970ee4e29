import { hasRelaxedSimd, wasmFunction } from '../runtime/module.js';
import type { Int8Products } from './context.js';

/**
 * The way of multiplying bytes that suits this engine. The relaxed dot product of bytes is exact where it takes its second
 * operand as 8 bits, unsigned (x86 with VNNI) or signed (ARM); elsewhere it adds pairs in 16 bits, which may be too few, and is
 * no faster than products of 16 bits.
 *
 * @param relaxedSimd whether relaxed SIMD may be used
 */
export function int8Products(relaxedSimd: boolean): Int8Products {
  if (!relaxedSimd || !hasRelaxedSimd()) return { kind: 'words' };
  const dot = relaxedDot();
  const extremes = [
    [127, 255],
    [-128, 255],
    [-128, 128],
    [127, 1],
  ] as const;
  const agrees = (value: (byte: number) => number) =>
    extremes.every(([weight, byte]) => dot(weight, byte) === 4 * weight * value(byte));
  if (agrees((byte) => byte)) return { kind: 'bytes', flip: 0 };
  if (agrees((byte) => (byte << 24) >> 24)) return { kind: 'bytes', flip: 0x80 };
  return { kind: 'words' };
}

/** The sum of four equal products, as i32x4.relaxed_dot_i8x16_i7x16_add_s gives it. */
export function relaxedDot(): (weight: number, byte: number) => number {
  const I32 = 0x7f;
  const instructions = [
    // local.get 0, i8x16.splat, local.get 1, i8x16.splat, i32.const 0, i32x4.splat
    ...[0x20, 0x00, 0xfd, 0x0f, 0x20, 0x01, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x11],
    // i32x4.relaxed_dot_i8x16_i7x16_add_s, i32x4.extract_lane 0
    ...[0xfd, 0x93, 0x02, 0xfd, 0x1b, 0x00],
  ];
  const module = new WebAssembly.Module(wasmFunction([I32, I32], [I32], instructions));
  return new WebAssembly.Instance(module).exports.run as (weight: number, byte: number) => number;
}
