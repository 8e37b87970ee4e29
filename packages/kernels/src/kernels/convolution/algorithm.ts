import { WINOGRAD_VALUES } from '../../generated/constants.js';
import type { Geometry } from './geometry.js';

// The limits below come from measuring both algorithms over shapes: npm run bench -- algorithms.

/** The largest transformed filter. One of 512 channels is read from memory for each image, which is still faster than direct. */
const FILTER_BYTES = 40_000_000;

/** Whether Winograd's algorithm F(4×4, 3×3) is the faster one for a convolution, or for its input's gradient. */
export function suitsWinograd(geometry: Geometry): boolean {
  const { inChannels, outChannels } = geometry;
  return fitsWinograd(geometry) && Math.min(inChannels, outChannels) >= 4 && winogradTiles(geometry) >= 4;
}

/** Whether it is the faster one for the filter's gradient, where few tiles don't pay for the transform of the sums. */
export function suitsWinogradFilterGradient(geometry: Geometry): boolean {
  const { inChannels, outChannels } = geometry;
  return fitsWinograd(geometry) && Math.min(inChannels, outChannels) >= 8 && winogradTiles(geometry) >= 128;
}

/** Whether the algorithm can do it, with a filter that is not too large and at least half of its tiles in the image. */
function fitsWinograd(geometry: Geometry): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = geometry;
  const { images, outHeight, outWidth, inChannels, outChannels } = geometry;
  return (
    filterHeight === 3 &&
    filterWidth === 3 &&
    Math.max(strideHeight, strideWidth, dilationHeight, dilationWidth) === 1 &&
    images * outHeight * outWidth >= 8 * winogradTiles(geometry) &&
    4 * WINOGRAD_VALUES * inChannels * outChannels <= FILTER_BYTES
  );
}

function winogradTiles({ images, outHeight, outWidth }: Geometry): number {
  return images * Math.ceil(outHeight / 4) * Math.ceil(outWidth / 4);
}

/**
 * Whether a row of the filter should be read as one run, which takes a copy of the image with its padding: with few
 * channels a tap alone is too short for the innermost loop.
 *
 * @param most the largest number of channels for which this is faster
 */
export function suitsRuns(geometry: Geometry, most: number): boolean {
  const { inChannels, filterWidth, dilationHeight, dilationWidth, width } = geometry;
  return inChannels <= most && filterWidth > 1 && dilationHeight === 1 && dilationWidth === 1 && width < 8192;
}
