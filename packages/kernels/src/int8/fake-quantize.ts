import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Int8Range } from '../contracts/int8.js';
import { FAKE_QUANTIZE_VALUES_PER_CHUNK } from '../generated/constants.js';
import { checkFloats, checkGradient, sizeOf } from '../runtime/sizes.js';
import { checkScale, checkZero } from './checks.js';
import { type Int8Context, int8Kernel } from './context.js';

/** x rounded to what bytes of the range can hold. */
export const fakeQuantize = int8Kernel('FakeQuantize', (context, { x }, range) =>
  run(context, x, undefined, range),
);

/** dy where x is within the range, else 0. */
export const fakeQuantizeGradient = int8Kernel('FakeQuantizeGradient', (context, { dy, x }, range) => {
  checkGradient(dy, x.shape);
  return run(context, x, dy, range);
});

function run(
  { runtime }: Int8Context,
  x: TensorInfo,
  dy: TensorInfo | undefined,
  { scale, zero }: Int8Range,
): TensorInfo {
  checkFloats(x, dy);
  checkScale(scale);
  checkZero(zero);
  const out = runtime.output(x.shape);
  const size = sizeOf(x);
  const addresses = { x: runtime.address(x), dy: dy ? runtime.address(dy) : 0, out: runtime.address(out) };
  const chunks = Math.ceil(size / FAKE_QUANTIZE_VALUES_PER_CHUNK);
  if (size > 0) runtime.run('fakeQuantize', { ...addresses, size, scale, zero }, chunks);
  return out;
}
