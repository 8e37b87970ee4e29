import type * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case.js';
import { cifarShapes, derived, describe } from './convolution-shape.js';
import { noise, runKernel } from './tensors.js';

/** Gradients of convolutions, as in training. */
export const convolutionGradients: KernelCase[] = cifarShapes.flatMap((shape) => {
  const { padding, xShape, filterShape, yShape, multiplyAdds } = derived(shape);
  const geometry = {
    strides: [shape.stride, shape.stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [1, 1],
  };
  const gradient = (name: string, prepare: () => () => tf.Tensor): KernelCase => ({
    name: `${name} ${describe(shape)}`,
    work: { multiplyAdds },
    ours: prepare,
    plainTfjs: prepare,
  });
  const ofFilter = gradient('conv filter gradient', () => {
    const [x, dy] = [noise(xShape), noise(yShape)];
    return () => runKernel('Conv2DBackpropFilter', { x, dy }, { ...geometry, filterShape });
  });
  const ofInput = gradient('conv input gradient', () => {
    const [filter, dy] = [noise(filterShape), noise(yShape)];
    return () => runKernel('Conv2DBackpropInput', { dy, filter }, { ...geometry, inputShape: xShape });
  });
  // Images have no gradient.
  return shape.inChannels === 3 ? [ofFilter] : [ofFilter, ofInput];
});
