import { describe, expect, it } from 'vitest';
import { type Dtype, toFloat16, toFloat32 } from './dtype.js';

const everyPattern = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern);

/** The value of a small IEEE 754 number by its definition, in float64 arithmetic. */
function definition(pattern: number, exponentBits: number, fractionBits: number): number {
  const sign = pattern >> (exponentBits + fractionBits) ? -1 : 1;
  const exponent = (pattern >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (pattern & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

function mismatches(dtype: Dtype, exponentBits: number, fractionBits: number): number[] {
  const values = toFloat32(new Uint8Array(everyPattern.buffer), dtype);
  return [...everyPattern].filter(
    (pattern) => !Object.is(values[pattern], definition(pattern, exponentBits, fractionBits)),
  );
}

describe('toFloat32', () => {
  it('is exact for all 65,536 patterns of F16', () => {
    expect(mismatches('F16', 5, 10)).toEqual([]);
  });

  it('is exact for all 65,536 patterns of BF16', () => {
    expect(mismatches('BF16', 8, 7)).toEqual([]);
  });

  it.each<[Dtype, number, (view: DataView, at: number, value: number) => void, number[], number[]]>([
    ['F64', 8, (view, at, value) => view.setFloat64(at, value, true), [0.1, 1e-300], [Math.fround(0.1), 0]],
    ['F32', 4, (view, at, value) => view.setFloat32(at, value, true), [-1.5, Infinity], [-1.5, Infinity]],
    ['I64', 8, (view, at, value) => view.setBigInt64(at, BigInt(value), true), [-1, 2 ** 40], [-1, 2 ** 40]],
    ['I32', 4, (view, at, value) => view.setInt32(at, value, true), [-(2 ** 31), 7], [-(2 ** 31), 7]],
    ['I16', 2, (view, at, value) => view.setInt16(at, value, true), [-32768, 7], [-32768, 7]],
    ['I8', 1, (view, at, value) => view.setInt8(at, value), [-128, 127], [-128, 127]],
    ['U8', 1, (view, at, value) => view.setUint8(at, value), [0, 255], [0, 255]],
    ['BOOL', 1, (view, at, value) => view.setUint8(at, value), [0, 1, 255], [0, 1, 1]],
  ])('reads %s, also from an unaligned place', (dtype, size, write, stored, expected) => {
    const unaligned = new Uint8Array(new ArrayBuffer(size * stored.length + 2), 1, size * stored.length);
    for (const [i, value] of stored.entries()) write(new DataView(unaligned.buffer), 1 + i * size, value);
    expect([...toFloat32(unaligned, dtype)]).toEqual(expected);
    expect([...toFloat32(Buffer.from(unaligned), dtype)]).toEqual(expected);
  });

  it('shares no memory with what it reads', () => {
    const bytes = new Uint8Array(8);
    const values = toFloat32(bytes, 'F32');
    bytes.fill(1);
    expect([...values]).toEqual([0, 0]);
    expect(values.buffer.byteLength).toBe(8);
  });
});

describe('toFloat16', () => {
  const halfOf = (pattern: number) => definition(pattern, 5, 10);

  it('gives back all 65,536 patterns', () => {
    const patterns = toFloat16(toFloat32(new Uint8Array(everyPattern.buffer), 'F16'));
    const other = [...everyPattern].filter(
      (pattern) => patterns[pattern] !== pattern && !Number.isNaN(halfOf(pattern)),
    );
    expect(other).toEqual([]);
    expect(Number.isNaN(halfOf(toFloat16(Float32Array.of(Number.NaN))[0]!))).toBe(true);
  });

  it('rounds to the nearest, and from the middle to the even', () => {
    const wrong: number[] = [];
    // All finite neighbors: a hair below the middle, the middle, and a hair above.
    for (let pattern = 0; pattern < 0x7bff; pattern++) {
      const middle = Math.fround((halfOf(pattern) + halfOf(pattern + 1)) / 2);
      const hair = middle * 2 ** -20;
      const found = toFloat16(Float32Array.of(middle - hair, middle, middle + hair, -middle));
      const even = pattern % 2 === 0 ? pattern : pattern + 1;
      const expected = [pattern, even, pattern + 1, even | 0x8000];
      if (expected.some((each, place) => each !== found[place])) wrong.push(pattern);
    }
    expect(wrong).toEqual([]);
    const limits = Float32Array.of(65_519, 65_520, 1e30, 2 ** -25, 2 ** -24, -1e-30);
    expect([...toFloat16(limits)]).toEqual([0x7bff, 0x7c00, 0x7c00, 0, 1, 0x8000]);
  });
});
