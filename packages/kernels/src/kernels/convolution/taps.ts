import type { Geometry } from './geometry.js';

/** Calls `visit` for each pixel of the output and each tap of its window, with the pixel of the input at that tap. */
export function eachTap(
  geometry: Geometry,
  visit: (pixel: number, inputPixel: number, tap: number) => void,
): void {
  const { images, height, width, outHeight, outWidth, filterHeight, filterWidth } = geometry;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = geometry;
  let pixel = 0;
  for (let image = 0; image < images; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      for (let outColumn = 0; outColumn < outWidth; outColumn++, pixel++) {
        for (let a = 0; a < filterHeight; a++) {
          const row = outRow * strideHeight - padTop + a * dilationHeight;
          if (row < 0 || row >= height) continue;
          for (let b = 0; b < filterWidth; b++) {
            const column = outColumn * strideWidth - padLeft + b * dilationWidth;
            if (column < 0 || column >= width) continue;
            visit(pixel, (image * height + row) * width + column, a * filterWidth + b);
          }
        }
      }
    }
  }
}
