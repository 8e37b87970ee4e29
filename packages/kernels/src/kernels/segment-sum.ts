import { check } from '../runtime/refused.js';
import { isEmpty, isVector, sizeOf, valuesOf } from '../runtime/sizes.js';
import { kernel } from './kernel.js';

/**
 * tf.unsortedSegmentSum, the gradient of tf.gather and of embeddings: rows of x, summed by their segment's number, as float32. Rows
 * with a number below 0 are left out. tfjs's WASM backend lacks this kernel.
 */
export const unsortedSegmentSum = kernel(
  'UnsortedSegmentSum',
  ({ runtime }, { x, segmentIds }, { numSegments }) => {
    check(x.dtype === 'float32' || x.dtype === 'int32', 'it takes float32 and int32.');
    check(segmentIds.dtype === 'int32', 'segmentIds are int32.');
    check(Number.isSafeInteger(numSegments) && numSegments >= 0, 'numSegments is an integer of at least 0.');
    check(x.shape.length > 0 && isVector(segmentIds, x.shape[0]!), 'each row of x has one segment.');
    const sum = runtime.output([numSegments, ...x.shape.slice(1)]);
    const [values, ids, out] = valuesOf(runtime, x, segmentIds, sum);
    out.fill(0);
    if (isEmpty(x)) return sum;
    const length = sizeOf(x) / sizeOf(segmentIds);
    for (const [row, segment] of ids.entries()) {
      check(segment < numSegments, `segments are numbered below ${numSegments}, found ${segment}.`);
      if (segment < 0) continue;
      for (let index = 0; index < length; index++)
        out[segment * length + index]! += values[row * length + index]!;
    }
    return sum;
  },
);
