import { backend_util } from '@tensorflow/tfjs-core';
import type { ConvolutionAttributes } from '../contracts/tfjs.js';
import { type Images, readImage, vectorsOf } from './image.js';
import { isWhole } from './matrix.js';

export type ConvolutionInfo = backend_util.Conv2DInfo;

/** @returns undefined for shapes and layouts that are tfjs's business */
export function convolutionOf(
  xShape: number[],
  filterShape: number[],
  { strides, pad, dilations, dataFormat = 'NHWC', dimRoundingMode }: ConvolutionAttributes,
): ConvolutionInfo | undefined {
  if (dataFormat !== 'NHWC' || xShape.length !== 4 || xShape[3] !== filterShape[2]) return undefined;
  return backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
}

const NAMES = [
  ...['inHeight', 'inWidth', 'inChannels', 'outHeight', 'outWidth', 'outChannels'],
  ...['filterHeight', 'filterWidth', 'strideHeight', 'strideWidth', 'dilationHeight', 'dilationWidth'],
] as const;

/**
 * A shader's uniforms of a convolution: its sizes, `top` and `left`. As constants they would be a little faster, but every layer would
 * have a shader of its own, and compiling one takes a driver some tenths of a second.
 */
export const GEOMETRY = {
  ...Object.fromEntries(NAMES.map((name) => [name, 'u32' as const])),
  top: 'u32',
  left: 'u32',
} as const;

export function geometryOf(info: ConvolutionInfo): Record<string, number> {
  const sizes = NAMES.map((name) => [name, info[name]]);
  return { ...Object.fromEntries(sizes), top: info.padInfo.top, left: info.padInfo.left };
}

/** Pixels of the output, of all images. */
export const pixelsOf = ({ batchSize, outHeight, outWidth }: ConvolutionInfo): number =>
  batchSize * outHeight * outWidth;

/** Products of a sum: channels of a window, of each tap a multiple of four. */
export const depthOf = ({ filterHeight, filterWidth, inChannels }: ConvolutionInfo): number =>
  filterHeight * filterWidth * 4 * Math.ceil(inChannels / 4);

/** What shaders that read a convolution's windows differ by. */
export interface WindowKind {
  /** Whether the input's channels are a multiple of four. */
  isWholeIn: boolean;
  /** Whether windows are partly outside of the image. */
  isPadded: boolean;
  /** Whether the filter has one tap. */
  isPoint: boolean;
}

export function windowKindOf(info: ConvolutionInfo): WindowKind {
  const { padInfo, filterHeight, filterWidth } = info;
  // Where output sizes are rounded up, windows end outside without padding too.
  const bottom = (info.outHeight - 1) * info.strideHeight + (filterHeight - 1) * info.dilationHeight;
  const right = (info.outWidth - 1) * info.strideWidth + (filterWidth - 1) * info.dilationWidth;
  const isInside = bottom - padInfo.top < info.inHeight && right - padInfo.left < info.inWidth;
  return {
    isWholeIn: isWhole(info.inChannels),
    isPadded: padInfo.top > 0 || padInfo.left > 0 || !isInside,
    isPoint: filterHeight * filterWidth === 1,
  };
}

const inputImages = ({ isWholeIn }: WindowKind): Images => ({
  height: 'uniforms.inHeight',
  width: 'uniforms.inWidth',
  channels: 'uniforms.inChannels',
  isWhole: isWholeIn,
});

/**
 * Declares, besides `readImage`'s, `windowAt(pixel)`, the first pixel of an output pixel's window, counted through all images; and
 * `tapOf(vector)`, the vector of a window, counted through its taps.
 *
 * @param isChecked whether what is OUTSIDE is asked for
 */
export function readWindows(kind: WindowKind, { isChecked }: { isChecked: boolean }): string {
  const images = inputImages(kind);
  return `
    ${readImage(images, { isChecked: isChecked || kind.isPadded })}
    fn windowAt(pixel: u32) -> Pixel {
      let line = pixel / uniforms.outWidth;
      let image = line / uniforms.outHeight;
      let row = (line - image * uniforms.outHeight) * uniforms.strideHeight - uniforms.top;
      let column = (pixel - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.left;
      return pixelAt(image, i32(row), i32(column));
    }
    fn tapOf(vector: u32) -> Tap {
      ${
        kind.isPoint
          ? 'return tapAt(0, 0, vector);'
          : `
      let vectors = ${vectorsOf(images)};
      let tap = vector / vectors;
      let line = tap / uniforms.filterWidth;
      let row = line * uniforms.dilationHeight;
      let column = (tap - line * uniforms.filterWidth) * uniforms.dilationWidth;
      return tapAt(i32(row), i32(column), vector - tap * vectors);`
      }
    }`;
}
