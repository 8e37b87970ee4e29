import type { Geometry } from './geometry.js';

/** Whether Winograd's algorithm is the faster one. */
export function suitsWinograd(geometry: Geometry): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = geometry;
  const fits =
    filterHeight === 3 &&
    filterWidth === 3 &&
    strideHeight === 1 &&
    strideWidth === 1 &&
    dilationHeight === 1 &&
    dilationWidth === 1;
  if (!fits) return false;
  return geometry.inChannels >= 8 && geometry.outChannels >= 8 && geometry.outHeight * geometry.images > 7;
}

/**
 * Whether a row of the filter should be read as one run, which takes a copy of the image with its padding: with few
 * channels a tap alone is too short for the innermost loop.
 *
 * @param most the largest number of channels for which it is worth that
 */
export function suitsRuns(geometry: Geometry, most: number): boolean {
  const { inChannels, filterWidth, dilationHeight, dilationWidth, width } = geometry;
  return inChannels <= most && filterWidth > 1 && dilationHeight === 1 && dilationWidth === 1 && width < 8192;
}

/** Whether Winograd's algorithm is the faster one for the filter's gradient. */
export function suitsWinogradFilterGradient(geometry: Geometry): boolean {
  return suitsWinograd(geometry);
}
