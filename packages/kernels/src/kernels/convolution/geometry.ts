import * as tf from '@tensorflow/tfjs-core';
import type { Attributes } from '../../contracts/contract.js';
import type { ConvolutionAttributes, PoolAttributes } from '../../contracts/tfjs.js';
import { CACHE_LINE } from '../../generated/constants.js';
import { convolutionInfo } from '../../runtime/convolution-info.js';
import { check } from '../../runtime/refused.js';
import { checkGradient, isShape } from '../../runtime/sizes.js';

/** A convolution's or a pool's sizes. x is [images, height, width, inChannels], y [images, outHeight, outWidth, outChannels]. */
export interface Geometry {
  images: number;
  height: number;
  width: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padTop: number;
  padLeft: number;
}

/**
 * @param kind 'depthwise' for filters [height, width, inChannels, multiplier]
 * @throws Refusal where the sizes do not fit, or make no sense
 */
export function convolutionGeometry(
  xShape: number[],
  filterShape: number[],
  attributes: ConvolutionAttributes,
  kind: 'dense' | 'depthwise' = 'dense',
): Geometry {
  check((attributes.dataFormat ?? 'NHWC') === 'NHWC', 'the layout must be NHWC.');
  check(xShape.length === 4 && filterShape.length === 4, 'images and filters have four axes.');
  check(xShape[3] === filterShape[2], "the image's channels are not those of the filter.");
  return geometryOf(convolutionInfo(xShape, filterShape, attributes, kind === 'depthwise'));
}

/** The geometry of a convolution that is an operation of @resnet/backend. */
export function operationGeometry(
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  { stride, padding, dilation }: Pick<Attributes<'FusedResidualConv2d'>, 'stride' | 'padding' | 'dilation'>,
): Geometry {
  const attributes = { strides: stride, pad: padding, dilations: dilation };
  return convolutionGeometry(x.shape, filter.shape, attributes);
}

type Rounded = Pick<ConvolutionAttributes, 'pad' | 'dimRoundingMode'>;

/**
 * The geometry of a convolution whose output has the gradient dy. tfjs does not tell gradients how the output's size was
 * rounded; dy's shape shows it. Some of tfjs's gradients take a dy of another shape: then the rounding is the default.
 */
export function geometryByGradient<Given extends Rounded>(
  geometryFor: (attributes: Given) => Geometry,
  attributes: Given,
  dy: tf.TensorInfo,
): Geometry {
  const geometry = geometryFor(attributes);
  const fits = (other: Geometry) => isShape(dy, outputShape(other));
  if (fits(geometry) || typeof attributes.pad !== 'number') return geometry;
  const rounded = (['ceil', 'round'] as const).map((dimRoundingMode) =>
    geometryFor({ ...attributes, dimRoundingMode }),
  );
  return rounded.find(fits) ?? geometry;
}

/** The same where dy must have the output's shape. @throws Refusal if it has another */
export function gradientGeometry<Given extends Rounded>(
  ...given: Parameters<typeof geometryByGradient<Given>>
): Geometry {
  const geometry = geometryByGradient(...given);
  checkGradient(given[2], outputShape(geometry));
  return geometry;
}

/**
 * The same attributes for kernels of tfjs that don't know the rounding: with more padding after the image they have the same
 * number of windows.
 */
export function withPlainPadding<Given extends Rounded>(geometry: Geometry, attributes: Given): Given {
  if (typeof attributes.pad !== 'number') return attributes;
  const { height, width, outHeight, outWidth, strideHeight, strideWidth, padTop, padLeft } = geometry;
  const [windowHeight, windowWidth] = [
    (geometry.filterHeight - 1) * geometry.dilationHeight + 1,
    (geometry.filterWidth - 1) * geometry.dilationWidth + 1,
  ];
  const bottom = Math.max(0, (outHeight - 1) * strideHeight + windowHeight - height - padTop);
  const right = Math.max(0, (outWidth - 1) * strideWidth + windowWidth - width - padLeft);
  const pad = [
    [0, 0],
    [padTop, bottom],
    [padLeft, right],
    [0, 0],
  ] as tf.backend_util.ExplicitPadding;
  return { ...attributes, pad, dimRoundingMode: undefined };
}

export function outputShape({ images, outHeight, outWidth, outChannels }: Geometry): number[] {
  return [images, outHeight, outWidth, outChannels];
}

export function poolGeometry(
  xShape: number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): Geometry {
  check(xShape.length === 4, 'images have four axes.');
  return geometryOf(
    tf.backend_util.computePool2DInfo(
      xShape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    ),
  );
}

/** The limit of rows and columns, with those of the padding, for the kernels' 32-bit numbers. */
const MOST_POSITIONS = 2 ** 30;

function geometryOf(info: tf.backend_util.Conv2DInfo): Geometry {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, filterHeight, filterWidth } = info;
  const { top, bottom, left, right } = info.padInfo;
  const isNatural = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  const steps = [strideHeight, strideWidth, dilationHeight, dilationWidth, filterHeight, filterWidth];
  check(
    steps.every((value) => isNatural(value, 1)),
    'strides, dilations and sizes of windows are integers of at least 1.',
  );
  check(
    [top, bottom, left, right].every((value) => isNatural(value, 0)),
    'padding is an integer of at least 0.',
  );
  check(isNatural(info.outHeight, 0) && isNatural(info.outWidth, 0), 'the window is larger than the image.');
  const down =
    Math.max(info.inHeight + top + bottom, (info.outHeight + 1) * strideHeight) +
    filterHeight * dilationHeight;
  const across =
    Math.max(info.inWidth + left + right, (info.outWidth + 1) * strideWidth) + filterWidth * dilationWidth;
  check(
    Math.max(down, across) < MOST_POSITIONS,
    `images with their padding have less than ${MOST_POSITIONS} rows and columns.`,
  );
  return {
    images: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

/** A matrix product [pixels, inChannels] · [inChannels, outChannels] as a convolution. */
export function matrixGeometry(pixels: number, inChannels: number, outChannels: number): Geometry {
  return {
    images: 1,
    height: 1,
    width: pixels,
    inChannels,
    outHeight: 1,
    outWidth: pixels,
    outChannels,
    filterHeight: 1,
    filterWidth: 1,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
  };
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Bytes from one matrix of a Winograd block to the next, of four bytes a value; see assembly/winograd-transforms.ts. */
export function matrixStep(tiles: number, channels: number): number {
  return roundUp(4 * tiles * channels, CACHE_LINE) | CACHE_LINE;
}
