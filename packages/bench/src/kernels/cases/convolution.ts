import { conv2d } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { randomValues } from '../../measuring/random-values.js';
import { constant, node, windowAttributes } from '../../onnx/graph.js';
import type { KernelCase, OnnxOperation } from './case.js';
import {
  type ConvolutionShape,
  cifarShapes,
  derived,
  describe,
  imageNetShapes,
} from './convolution-shape.js';
import { noise, sizeOf } from './tensors.js';

/** Convolutions with bias and ReLU, as in inference. */
export const convolutions: KernelCase[] = [...imageNetShapes, ...cifarShapes].map((shape) => {
  const { stride } = shape;
  const { padding, xShape, filterShape, multiplyAdds } = derived(shape);
  const tensors = () => ({
    x: noise<tf.Tensor4D>(xShape),
    filter: noise<tf.Tensor4D>(filterShape),
    bias: noise<tf.Tensor1D>([shape.outChannels]),
  });
  return {
    name: `conv ${describe(shape)}`,
    work: { multiplyAdds },
    ours: () => {
      const { x, filter, bias } = tensors();
      return () => conv2d(x, filter, { stride, padding, bias, relu: true });
    },
    plainTfjs: () => {
      const given = tensors();
      return () => tf.fused.conv2d({ ...given, strides: stride, pad: padding, activation: 'relu' });
    },
    onnx: () => onnxConvolution(shape),
  };
});

function onnxConvolution(shape: ConvolutionShape): OnnxOperation {
  const { batchSize, size, inChannels, outChannels, filterSize, stride } = shape;
  const { padding, outSize } = derived(shape);
  const filterShape = [outChannels, inChannels, filterSize, filterSize];
  return {
    nodes: [
      node('Conv', ['x', 'filters', 'bias'], ['sum'], windowAttributes(filterSize, stride, padding)),
      node('Relu', ['sum'], ['y']),
    ],
    constants: [
      constant('filters', filterShape, randomValues(sizeOf(filterShape))),
      constant('bias', [outChannels], randomValues(outChannels)),
    ],
    inputShape: [batchSize, inChannels, size, size],
    outputShape: [batchSize, outChannels, outSize, outSize],
  };
}
