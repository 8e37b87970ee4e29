import type { Image } from '../image.js';
import { resizeModule } from './resize-module.js';
import { resampleScalar } from './scalar.js';
import { resampleVector } from './vector.js';
import type { Weights } from './weights.js';

/**
 * Resizes with these weights: first across, then down, rounding to bytes between. In WebAssembly where that goes, to
 * the same bytes as in JavaScript.
 *
 * @param corner where the part of the image that the weights speak of begins
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
