import type { backend_util } from '@tensorflow/tfjs-core';
import type { ConvolutionAttributes } from '../contracts/tfjs.js';
import { convolutionInfo } from '../runtime/convolution-info.js';
import { type Images, readImage, vectorsOf } from './image.js';
import { isWhole } from './matrix.js';

export type ConvolutionInfo = backend_util.Conv2DInfo;

/** @returns undefined for shapes and layouts that are tfjs's business */
export function convolutionOf(
  xShape: number[],
  filterShape: number[],
  attributes: ConvolutionAttributes,
): ConvolutionInfo | undefined {
  const isNhwc = (attributes.dataFormat ?? 'NHWC') === 'NHWC';
  if (!isNhwc || xShape.length !== 4 || xShape[3] !== filterShape[2]) return undefined;
  return convolutionInfo(xShape, filterShape, attributes);
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

/** WGSL for the first pixel of an output pixel's window, counted through all images, and for a vector of a window, counted through its taps. */
const PARTS = {
  pixels: { type: 'Pixel', at: 'windowAt' },
  taps: { type: 'Tap', at: 'tapOf' },
} as const;

/**
 * Declares the left factor of `tiledProduct`: the windows of all output pixels, by pixels and taps.
 *
 * @param depth which of the two the sum goes over
 * @param isBehind WGSL for whether `index` is behind the end of the sum, if steps may go there
 */
export function windows(
  kind: WindowKind,
  { depth, isBehind }: { depth: 'pixels' | 'taps'; isBehind: string | undefined },
): string {
  const side = depth === 'taps' ? 'pixels' : 'taps';
  const pixelAndTap = depth === 'taps' ? 'side, depth' : 'depth, side';
  return `
    ${readWindows(kind, { isChecked: isBehind !== undefined })}
    alias LeftSide = ${PARTS[side].type};
    fn leftSide(index: u32, tile: Tile) -> LeftSide { return ${PARTS[side].at}(index); }
    alias LeftDepth = ${PARTS[depth].type};
    fn leftDepth(index: u32, tile: Tile) -> LeftDepth {
      var depth = ${PARTS[depth].at}(index);
      ${isBehind ? `if (${isBehind}) { depth.row = OUTSIDE; }` : ''}
      return depth;
    }
    fn leftAt(side: LeftSide, depth: LeftDepth) -> vec4f { return imageAt(${pixelAndTap}); }
    fn leftHas(side: LeftSide, depth: LeftDepth) -> bool { return imageHas(${pixelAndTap}); }`;
}

/**
 * Declares, besides `readImage`'s, `windowAt(pixel)`, the first pixel of an output pixel's window, counted through all images; and
 * `tapOf(vector)`, the vector of a window, counted through its taps.
 *
 * @param isChecked whether what is OUTSIDE is asked for
 */
function readWindows(kind: WindowKind, { isChecked }: { isChecked: boolean }): string {
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
