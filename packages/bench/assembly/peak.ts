/** Floating-point operations in one round: twelve multiply-adds of four lanes. */
export const OPERATIONS_PER_ROUND: i32 = 12 * 4 * 2;

/**
 * Multiply-adds and nothing else, in twelve chains that don't wait for each other. The numbers come from outside and
 * the sum goes there, so that no compiler can do without the work.
 */
export function multiplyAdd(rounds: i32, factor: f32, term: f32): f32 {
  const a = f32x4.splat(factor);
  const b = f32x4.splat(term);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(1);
  let sum2 = f32x4.splat(2);
  let sum3 = f32x4.splat(3);
  let sum4 = f32x4.splat(4);
  let sum5 = f32x4.splat(5);
  let sum6 = f32x4.splat(6);
  let sum7 = f32x4.splat(7);
  let sum8 = f32x4.splat(8);
  let sum9 = f32x4.splat(9);
  let sum10 = f32x4.splat(10);
  let sum11 = f32x4.splat(11);
  for (let round = 0; round < rounds; round++) {
    sum0 = step(a, b, sum0);
    sum1 = step(a, b, sum1);
    sum2 = step(a, b, sum2);
    sum3 = step(a, b, sum3);
    sum4 = step(a, b, sum4);
    sum5 = step(a, b, sum5);
    sum6 = step(a, b, sum6);
    sum7 = step(a, b, sum7);
    sum8 = step(a, b, sum8);
    sum9 = step(a, b, sum9);
    sum10 = step(a, b, sum10);
    sum11 = step(a, b, sum11);
  }
  const total = f32x4.add(
    f32x4.add(
      f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)),
      f32x4.add(f32x4.add(sum4, sum5), f32x4.add(sum6, sum7)),
    ),
    f32x4.add(f32x4.add(sum8, sum9), f32x4.add(sum10, sum11)),
  );
  return (
    f32x4.extract_lane(total, 0) +
    f32x4.extract_lane(total, 1) +
    f32x4.extract_lane(total, 2) +
    f32x4.extract_lane(total, 3)
  );
}

function step(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  // Multiplies the sum: a product of a and b would be taken out of the loop.
  return f32x4.add(f32x4.mul(sum, a), b);
}
