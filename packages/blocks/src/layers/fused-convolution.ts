import { conv2d, convBatchNormInference, convBatchNormTraining, type Epilogue } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { FoldedWeights, Int8Form } from '../graph/int8.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import type { Operation, Prepared } from '../graph/operation.js';
import type { BatchNorm } from './batch-norm.js';
import type { Conv2d } from './conv2d.js';

/** A convolution with its normalization, the shortcut's addition and ReLU, as one operation of the backend. */
export class FusedConvolution implements Operation {
  /**
   * @param norm of a convolution without bias
   * @param hasResidual whether the value of a second input is added
   */
  constructor(
    readonly conv: Conv2d,
    readonly norm: BatchNorm | undefined,
    readonly hasResidual: boolean,
    readonly relu: boolean,
  ) {}

  run([x, residual]: readonly tf.Tensor[]): tf.Tensor {
    const { conv, norm, relu } = this;
    const epilogue = { relu, residual: residual as tf.Tensor4D | undefined };
    if (norm) return convBatchNorm(x as tf.Tensor4D, conv, norm, epilogue);
    const bias = conv.bias?.variable as unknown as tf.Tensor1D | undefined;
    return conv2d(x as tf.Tensor4D, conv.filter, { ...conv.geometry, bias, ...epilogue });
  }

  prepare(): Prepared {
    const { filter, bias } = this.#folded();
    const { conv, relu } = this;
    const { geometry } = conv;
    return {
      tensors: bias ? [filter, bias] : [filter],
      run: ([x, residual]) =>
        conv2d(x as tf.Tensor4D, filter, { ...geometry, bias, relu, residual: residual as tf.Tensor4D }),
    };
  }

  int8(): Int8Form {
    const { conv, relu } = this;
    const { geometry, weight } = conv;
    const { shape: filterShape } = weight;
    return { kind: 'convolution', geometry, relu, filterShape, weight, weights: () => this.#folded() };
  }

  toOnnx(onnx: OnnxGraph, name: string, [x, residual]: readonly string[]): void {
    const { filter, bias } = this.#folded();
    const transposed = tf.tidy(() => tf.transpose(filter, [3, 2, 0, 1]));
    filter.dispose();
    const constants = [
      onnx.tensor(`${name}.weight`, transposed),
      ...(bias ? [onnx.tensor(`${name}.bias`, bias)] : []),
    ];
    const { relu, hasResidual, conv } = this;
    const [sum, convolved] = [`${name}.sum`, `${name}.convolution`];
    onnx.node('Conv', relu || hasResidual ? convolved : name, [x!, ...constants], conv.onnxWindow);
    if (hasResidual) onnx.node('Add', relu ? sum : name, [convolved, residual!]);
    if (relu) onnx.node('Relu', name, [hasResidual ? sum : convolved]);
  }

  /** The filter and the bias with the normalization folded in. Owned by the caller. */
  #folded(): FoldedWeights {
    const { conv, norm } = this;
    if (!norm) {
      const bias = conv.bias?.variable.clone() as tf.Tensor1D | undefined;
      return { filter: conv.filter.clone(), ...(bias ? { bias } : {}) };
    }
    const [filter, bias] = tf.tidy(() => {
      const { gamma, beta, epsilon } = norm.parameters;
      const { mean, variance } = norm.runningMoments;
      const scale = tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)));
      return [tf.mul(conv.filter, scale), tf.sub(beta, tf.mul(mean, scale))] as [tf.Tensor4D, tf.Tensor1D];
    });
    return { filter, bias };
  }
}

/** In training mode it uses the batch's statistics and updates the running ones. */
function convBatchNorm(x: tf.Tensor4D, conv: Conv2d, norm: BatchNorm, epilogue: Epilogue): tf.Tensor4D {
  const { geometry } = conv;
  if (!norm.usesBatchStatistics) {
    return convBatchNormInference(x, conv.filter, geometry, norm.parameters, norm.runningMoments, epilogue);
  }
  const { y, ...moments } = convBatchNormTraining(x, conv.filter, geometry, norm.parameters, epilogue);
  norm.updateRunning(moments, y.size / y.shape[3]);
  return y;
}
