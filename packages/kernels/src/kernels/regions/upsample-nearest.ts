import { nearestPixels } from '../../regions/nearest-pixels.js';
import { check } from '../../runtime/refused.js';
import type { Runtime } from '../../runtime/runtime.js';
import { checkFloats, isEmpty } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';
import type { ImageShape } from './tables.js';

/** Images of another size, of the nearest pixels. */
export const upsampleNearest = kernel('UpsampleNearest', ({ runtime }, { x }, { height, width }) => {
  checkFloats(x);
  const [images, , , channels] = checkImages(x.shape);
  const y = runtime.output([images, height, width, channels]);
  if (isEmpty(y)) return y;
  const task = { ...fieldsOf(runtime, x.shape, y.shape), x: runtime.address(x), y: runtime.address(y) };
  runtime.run('upsampleNearest', task, images * task.height);
  return y;
});

/** The gradient of x, of the given shape: the sum over all pixels that are a copy of it. */
export const upsampleNearestGradient = kernel('UpsampleNearestGradient', ({ runtime }, { dy }, { shape }) => {
  checkFloats(dy);
  const [images, , , channels] = checkImages(shape);
  const isGradient = dy.shape.length === 4 && dy.shape[0] === images && dy.shape[3] === channels;
  check(isGradient, `dy must be of as many images and channels as x [${shape}].`);
  const dx = runtime.output(shape);
  if (isEmpty(dx)) return dx;
  const task = { ...fieldsOf(runtime, shape, dy.shape), x: runtime.address(dx), y: runtime.address(dy) };
  runtime.run('upsampleNearestGradient', task, images * task.height);
  return dx;
});

function checkImages(shape: number[]): ImageShape {
  check(shape.length === 4, 'images have four axes.');
  check(shape[1]! * shape[2]! > 0, 'images of no pixels have no nearest one.');
  return shape as ImageShape;
}

function fieldsOf(runtime: Runtime, shape: number[], outShape: number[]) {
  const [, height, width, channels] = shape as ImageShape;
  const [, outHeight, outWidth] = outShape as ImageShape;
  const rowStarts = runtime.integers('starts of rows', startsOf(height, outHeight));
  const columnStarts = runtime.integers('starts of columns', startsOf(width, outWidth));
  return { height, width, outHeight, outWidth, channels, rowStarts, columnStarts };
}

/** For each pixel of x the first that is a copy of it or of a later one; behind the last, how many there are. */
function startsOf(length: number, outLength: number): Int32Array {
  const starts = new Int32Array(length + 1).fill(outLength);
  const pixels = nearestPixels(length, outLength);
  for (let pixel = 0, index = 0; pixel < length; pixel++) {
    while (index < outLength && pixels[index]! < pixel) index++;
    starts[pixel] = index;
  }
  return starts;
}
