/** The number types of stored tensors that are read, by their safetensors names, with their size in bytes. */
export const bytesPerValue = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof bytesPerValue;

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(bytesPerValue, name);
}

/**
 * The values of little-endian `bytes` as float32: rounded to nearest where float32 is too narrow (F64, I64,
 * I32), exact otherwise; BOOL gives 0 and 1. The result is a copy that shares no memory with `bytes`.
 *
 * @param bytes a whole number of values
 */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array {
  // The copy starts at offset 0 of its own buffer: values may lie unaligned in a file.
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'F64':
      return new Float32Array(new Float64Array(buffer));
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return fromBits(new Uint16Array(buffer), float32BitsOfHalf);
    case 'BF16':
      return fromBits(new Uint16Array(buffer), (bits) => bits << 16);
    case 'I64':
      return fromInt64(new BigInt64Array(buffer));
    case 'I32':
      return new Float32Array(new Int32Array(buffer));
    case 'I16':
      return new Float32Array(new Int16Array(buffer));
    case 'I8':
      return new Float32Array(new Int8Array(buffer));
    case 'U8':
      return new Float32Array(new Uint8Array(buffer));
    case 'BOOL':
      return new Float32Array(new Uint8Array(buffer).map((value) => (value === 0 ? 0 : 1)));
  }
}

function fromBits(stored: Uint16Array, float32Bits: (bits: number) => number): Float32Array {
  const bits = new Uint32Array(stored.length);
  for (let i = 0; i < stored.length; i++) bits[i] = float32Bits(stored[i]!);
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16 to binary32: 5 exponent bits of bias 15 become 8 of bias 127, 10 fraction bits become 23. */
function float32BitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: shift the highest set bit to where the implicit one is, and lower the exponent by as much.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function fromInt64(stored: BigInt64Array): Float32Array {
  const values = new Float32Array(stored.length);
  for (let i = 0; i < stored.length; i++) values[i] = Number(stored[i]);
  return values;
}

/** Values as IEEE 754 binary16, rounded to nearest, ties to even; what is too large becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(bits, halfBitsOfFloat32);
}

function halfBitsOfFloat32(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  // Subnormal: the implicit bit becomes explicit, and the number is shifted to where its exponent says.
  const shift = exponent > 0 ? 13 : 14 - exponent;
  if (shift > 24) return sign;
  const significand = exponent > 0 ? (exponent << 23) | fraction : 0x800000 | fraction;
  const half = significand >>> shift;
  const rest = significand & (2 ** shift - 1);
  const middle = 2 ** (shift - 1);
  const roundsUp = rest > middle || (rest === middle && half % 2 === 1);
  // Rounding up may carry into the exponent, and from the largest number to infinity, as it should.
  return sign | Math.min(0x7c00, half + (roundsUp ? 1 : 0));
}
