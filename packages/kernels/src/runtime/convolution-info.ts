import { backend_util } from '@tensorflow/tfjs-core';
import type { ConvolutionAttributes } from '../contracts/tfjs.js';

/**
 * Sizes and paddings of a convolution, as tfjs computes them.
 *
 * @param xShape [images, height, width, channels]
 * @param filterShape [height, width, channels in, channels out], or of a depthwise one, the multiplier last
 */
export function convolutionInfo(
  xShape: number[],
  filterShape: number[],
  { strides, pad, dilations, dimRoundingMode }: ConvolutionAttributes,
  isDepthwise = false,
): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    // tf.layers gives null to depthwise convolutions.
    dilations ?? 1,
    pad,
    dimRoundingMode,
    isDepthwise,
  );
}
