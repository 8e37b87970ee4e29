// Vectors of four floats, with which every kernel computes.

/** a · b + sum; rounded once where relaxed SIMD is on, twice where it is not. */
@inline
export function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** sum - a · b */
@inline
export function multiplySubtract(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, sum);
  return f32x4.sub(sum, f32x4.mul(a, b));
}

/**
 * A constant vector by way of four bytes of scratch: V8 makes one that it knows anew at each use, with three instructions, and
 * keeps one that it can't see through in a register.
 */
@inline
export function splatOf(value: f32, scratch: usize): v128 {
  return splatBits(reinterpret<i32>(value), scratch);
}

@inline
export function splatBits(value: i32, scratch: usize): v128 {
  i32.store(scratch, value);
  return v128.load32_splat(scratch);
}

/**
 * An inner loop works on whole vectors, or on the one to three channels that are left at the end. Loops are written once, for a
 * type L that is one of these, and compiled for both.
 */
export type Whole = f32;
export type Rest = i32;

/** Loads a whole vector, or `lanes` floats and zeros. */
@inline
export function load4<L>(address: usize, lanes: i32): v128 {
  if (isFloat<L>()) return v128.load(address);
  return loadSome(address, lanes);
}

/** Stores a whole vector, or its first `lanes` floats. */
@inline
export function store4<L>(address: usize, value: v128, lanes: i32): void {
  if (isFloat<L>()) v128.store(address, value);
  else storeSome(address, value, lanes);
}

function loadSome(address: usize, lanes: i32): v128 {
  let value = v128.load32_zero(address);
  if (lanes > 1) value = v128.load32_lane(address, value, 1, 4);
  if (lanes > 2) value = v128.load32_lane(address, value, 2, 8);
  if (lanes > 3) value = v128.load32_lane(address, value, 3, 12);
  return value;
}

function storeSome(address: usize, value: v128, lanes: i32): void {
  v128.store32_lane(address, value, 0);
  if (lanes > 1) v128.store32_lane(address, value, 1, 4);
  if (lanes > 2) v128.store32_lane(address, value, 2, 8);
  if (lanes > 3) v128.store32_lane(address, value, 3, 12);
}

/** The upper two of four floats as doubles. */
@inline
export function promoteHigh(value: v128): v128 {
  const high = i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  return f64x2.promote_low_f32x4(high);
}

/** Adds four floats to four doubles in memory, or the first `lanes`. */
export function addToDoubles(address: usize, value: v128, lanes: i32): void {
  addPairs(address, f64x2.promote_low_f32x4(value), promoteHigh(value), lanes);
}

/** The same with the floats as two pairs of doubles. */
export function addPairs(address: usize, low: v128, high: v128, lanes: i32): void {
  f64.store(address, f64.load(address) + f64x2.extract_lane(low, 0));
  if (lanes > 1) f64.store(address, f64.load(address, 8) + f64x2.extract_lane(low, 1), 8);
  if (lanes > 2) f64.store(address, f64.load(address, 16) + f64x2.extract_lane(high, 0), 16);
  if (lanes > 3) f64.store(address, f64.load(address, 24) + f64x2.extract_lane(high, 1), 24);
}
