import { check } from '../../runtime/refused.js';
import { areFloats, isShape, sizeOf } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

/** The kernel adds rows of this many values, in chunks of 64 rows: 256 kB each of a, b and their sum. */
const ROW = 1024;
const ROWS_PER_CHUNK = 64;

/**
 * tf.add of two large tensors of one shape, on all threads: where the gradients of a residual block's two paths meet.
 * Other additions are left to tfjs.
 */
export const add = kernel('Add', ({ runtime }, { a, b }) => {
  check(a.dtype === b.dtype, 'both are of one type.');
  const rows = sizeOf(a) / ROW;
  if (!areFloats(a, b) || rows === 0 || !Number.isInteger(rows) || rows < ROWS_PER_CHUNK) return undefined;
  if (!isShape(b, a.shape)) return undefined;
  const sum = runtime.output(a.shape);
  const address = runtime.address(a);
  const task = {
    partials: address,
    parts: 2,
    partBytes: runtime.address(b) - address,
    rows,
    pitch: ROW,
    out: runtime.address(sum),
    columns: ROW,
    rowsPerChunk: ROWS_PER_CHUNK,
  };
  runtime.run('sumPartials', task, Math.ceil(rows / ROWS_PER_CHUNK));
  return sum;
});
