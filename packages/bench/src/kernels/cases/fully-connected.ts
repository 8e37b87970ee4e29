import { linear } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { randomValues } from '../../measuring/random-values.js';
import { constant, node } from '../../onnx/graph.js';
import type { KernelCase } from './case.js';
import { noise } from './tensors.js';

/** Matrix products with a bias: the last layers of ResNet-20 in training and of ResNet-50 in inference. */
export const fullyConnected: KernelCase[] = [
  [128, 64, 10],
  [8, 2048, 1000],
].map((sizes) => {
  const [count, inFeatures, outFeatures] = sizes as [number, number, number];
  const tensors = () => ({
    x: noise<tf.Tensor2D>([count, inFeatures]),
    weight: noise<tf.Tensor2D>([inFeatures, outFeatures]),
    bias: noise<tf.Tensor1D>([outFeatures]),
  });
  return {
    name: `matmul + bias ${sizes.join('x')}`,
    work: { multiplyAdds: count * inFeatures * outFeatures },
    ours: () => {
      const { x, weight, bias } = tensors();
      return () => linear(x, weight, bias);
    },
    plainTfjs: () => {
      const { x, weight, bias } = tensors();
      return () => tf.fused.matMul({ a: x, b: weight, bias });
    },
    onnx: () => ({
      nodes: [node('Gemm', ['x', 'weight', 'bias'], ['y'])],
      constants: [
        constant('weight', [inFeatures, outFeatures], randomValues(inFeatures * outFeatures)),
        constant('bias', [outFeatures], randomValues(outFeatures)),
      ],
      inputShape: [count, inFeatures],
      outputShape: [count, outFeatures],
    }),
  };
});
