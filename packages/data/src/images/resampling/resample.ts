import type { Image } from '../image.js';
import { resizeModule } from './resize-module.js';
import { resampleScalar } from './scalar.js';
import { resampleVector } from './vector.js';
import type { Weights } from './weights.js';

/**
 * Resizes with these weights: first horizontally, then vertically, rounding to bytes in between. It uses WebAssembly where
 * possible, with the same bytes as in JavaScript.
 *
 * @param corner of the region of the image that the weights are for
 */
export function resample(
  image: Image,
  corner: { top: number; left: number },
  across: Weights,
  down: Weights,
): Image {
  const module = resizeModule();
  return (
    (module && resampleVector(module, image, corner, across, down)) ??
    resampleScalar(image, corner, across, down)
  );
}
