import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from '../../runtime/context.js';
import { suitsRuns, suitsWinograd } from './algorithm.js';
import { directConvolution, thinConvolution } from './direct.js';
import type { Epilogue } from './epilogue.js';
import type { Geometry } from './geometry.js';
import { pack, packTransposed, packWinograd } from './packing.js';
import { winograd } from './winograd.js';

/**
 * y = the convolution of x by `filter`, with the epilogue.
 *
 * @param x the address of [images, height, width, inChannels]
 * @param filter [filterHeight, filterWidth, inChannels, outChannels]
 * @param y the address of [images, outHeight, outWidth, outChannels]
 * @returns with statistics: the number of parts in the buffer 'totals', float64 [parts][2][outChannels]; else 0
 */
export function convolve(
  context: Context,
  geometry: Geometry,
  x: number,
  filter: TensorInfo,
  y: number,
  epilogue: Epilogue = {},
): number {
  const { inChannels, outChannels } = geometry;
  if (context.winograd && suitsWinograd(geometry)) {
    const packed = packWinograd(context, filter, inChannels, outChannels, false);
    return winograd(context, geometry, x, packed, y, epilogue);
  }
  const packed = pack(context, filter, geometry);
  if (suitsRuns(geometry, 32)) return thinConvolution(context, geometry, x, packed, y, epilogue);
  const offsets: number[] = [];
  for (let a = 0; a < geometry.filterHeight; a++) {
    for (let b = 0; b < geometry.filterWidth; b++) {
      offsets.push(
        a * geometry.dilationHeight - geometry.padTop,
        b * geometry.dilationWidth - geometry.padLeft,
      );
    }
  }
  return directConvolution(
    context,
    {
      x,
      height: geometry.height,
      width: geometry.width,
      inChannels,
      gridHeight: geometry.outHeight,
      gridWidth: geometry.outWidth,
      stepHeight: geometry.strideHeight,
      stepWidth: geometry.strideWidth,
      offsets,
      filter: packed,
      y,
      outHeight: geometry.outHeight,
      outWidth: geometry.outWidth,
      outStepHeight: 1,
      outStepWidth: 1,
      outRow: 0,
      outColumn: 0,
      outChannels,
      images: geometry.images,
    },
    epilogue,
  );
}

/**
 * dx = the gradient of a convolution's input: a convolution of dy by the rotated filter, with stride 1 by Winograd's
 * algorithm where that suits; with larger strides one for each phase of dx, with the taps that reach it.
 *
 * @param dy the address of [images, outHeight, outWidth, outChannels]
 * @param dx the address of [images, height, width, inChannels]
 */
export function convolveBack(
  context: Context,
  geometry: Geometry,
  dy: number,
  filter: TensorInfo,
  dx: number,
): void {
  const { images, height, width, inChannels, outHeight, outWidth, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = geometry;
  const transposed: Geometry = {
    ...geometry,
    height: outHeight,
    width: outWidth,
    inChannels: outChannels,
    outHeight: height,
    outWidth: width,
    outChannels: inChannels,
    padTop: 2 - geometry.padTop,
    padLeft: 2 - geometry.padLeft,
  };
  if (context.winograd && suitsWinograd(transposed)) {
    const packed = packWinograd(context, filter, inChannels, outChannels, true);
    winograd(context, transposed, dy, packed, dx, {});
    return;
  }
  for (let row = 0; row < strideHeight; row++) {
    for (let column = 0; column < strideWidth; column++) {
      const selection: number[] = [];
      const offsets: number[] = [];
      for (let a = 0; a < filterHeight; a++) {
        for (let b = 0; b < filterWidth; b++) {
          const outRow = row + geometry.padTop - a * dilationHeight;
          const outColumn = column + geometry.padLeft - b * dilationWidth;
          if (outRow % strideHeight !== 0 || outColumn % strideWidth !== 0) continue;
          offsets.push(outRow / strideHeight, outColumn / strideWidth);
          selection.push(a * filterWidth + b);
        }
      }
      const [gridHeight, gridWidth] = [
        Math.ceil((height - row) / strideHeight),
        Math.ceil((width - column) / strideWidth),
      ];
      if (gridHeight <= 0 || gridWidth <= 0) continue;
      const packed = packTransposed(context, filter, inChannels, outChannels, selection);
      directConvolution(
        context,
        {
          x: dy,
          height: outHeight,
          width: outWidth,
          inChannels: outChannels,
          gridHeight,
          gridWidth,
          stepHeight: 1,
          stepWidth: 1,
          offsets,
          filter: packed,
          y: dx,
          outHeight: height,
          outWidth: width,
          outStepHeight: strideHeight,
          outStepWidth: strideWidth,
          outRow: row,
          outColumn: column,
          outChannels: inChannels,
          images,
        },
        {},
      );
    }
  }
}
