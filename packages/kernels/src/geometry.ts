import * as tf from '@tensorflow/tfjs-core';

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

/** The attributes that tfjs gives its convolution kernels. */
export interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dilations?: number | [number, number];
  dataFormat?: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** @returns undefined for the layout NCHW, which tfjs's WASM backend does not take either */
export function convolutionGeometry(
  xShape: number[],
  filterShape: number[],
  { strides, pad, dilations = 1, dataFormat = 'NHWC', dimRoundingMode }: ConvolutionAttributes,
): Geometry | undefined {
  if (dataFormat !== 'NHWC') return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  return geometryOf(info);
}

/** The attributes that tfjs gives its pooling kernels. */
export interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: ConvolutionAttributes['pad'];
  dimRoundingMode?: ConvolutionAttributes['dimRoundingMode'];
}

export function poolGeometry(
  xShape: number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): Geometry {
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

function geometryOf(info: tf.backend_util.Conv2DInfo): Geometry {
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

/** A matrix product [places, inChannels] · [inChannels, outChannels] as a convolution. */
export function matrixGeometry(places: number, inChannels: number, outChannels: number): Geometry {
  return {
    images: 1,
    height: 1,
    width: places,
    inChannels,
    outHeight: 1,
    outWidth: places,
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
