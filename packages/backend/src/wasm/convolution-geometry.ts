import { backend_util } from '@tensorflow/tfjs-core';

/** What tfjs tells a kernel about a convolution. */
export interface ConvAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The strides, the padding above and to the left, and the filter's height and width. */
export function convolutionGeometry(
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  { strides, pad, dimRoundingMode }: ConvAttributes,
): {
  strides: [number, number];
  before: [number, number];
  filterSize: [number, number];
} {
  const info = backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode);
  return {
    strides: [info.strideHeight, info.strideWidth],
    before: [info.padInfo.top, info.padInfo.left],
    filterSize: [info.filterHeight, info.filterWidth],
  };
}
