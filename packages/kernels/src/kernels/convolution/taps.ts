import type { Geometry } from './geometry.js';

/** Calls `visit` with each place of the output, and each of its image that a tap of its window lies on. */
export function eachTap(
  geometry: Geometry,
  visit: (place: number, inPlace: number, tap: number) => void,
): void {
  const { images, height, width, outHeight, outWidth, filterHeight, filterWidth } = geometry;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = geometry;
  let place = 0;
  for (let image = 0; image < images; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      for (let outColumn = 0; outColumn < outWidth; outColumn++, place++) {
        for (let a = 0; a < filterHeight; a++) {
          const row = outRow * strideHeight - padTop + a * dilationHeight;
          if (row < 0 || row >= height) continue;
          for (let b = 0; b < filterWidth; b++) {
            const column = outColumn * strideWidth - padLeft + b * dilationWidth;
            if (column < 0 || column >= width) continue;
            visit(place, (image * height + row) * width + column, a * filterWidth + b);
          }
        }
      }
    }
  }
}
