import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Context } from './context.js';
import { prelu } from './kernels/activation.js';
import { add } from './kernels/add.js';
import {
  batchNormTraining,
  batchNormTrainingGradient,
  convBatchNormInference,
  convBatchNormTraining,
} from './kernels/batch-norm.js';
import {
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  fusedConv2d,
  fusedResidualConv2d,
} from './kernels/conv2d.js';
import {
  averagePool3d,
  averagePool3dGrad,
  conv3d,
  conv3dBackpropFilter,
  conv3dBackpropInput,
  maxPool3d,
  maxPool3dGrad,
} from './kernels/conv3d.js';
import {
  depthwise,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  fusedDepthwise,
} from './kernels/depthwise.js';
import { sgdUpdate } from './kernels/gradient-descent.js';
import { cast, identity } from './kernels/identity.js';
import type { Kernel } from './kernels/kernel.js';
import { batchMatMul, fusedMatMul } from './kernels/mat-mul.js';
import {
  averagePool,
  averagePoolGrad,
  globalAveragePool,
  globalAveragePoolGradient,
  maxPool,
  maxPoolGrad,
} from './kernels/pooling.js';
import { unsortedSegmentSum } from './kernels/segment-sum.js';
import { softmaxCrossEntropy } from './kernels/softmax-cross-entropy.js';
import { subsamplePad, subsamplePadGradient } from './kernels/subsample-pad.js';
import { Refusal, refused } from './refused.js';

/** What is registered, by tfjs's names; the last ones are those of the operations of @resnet/backend. */
const KERNELS: Record<string, Kernel> = {
  Add: add,
  AvgPool: averagePool,
  AvgPool3D: averagePool3d,
  AvgPool3DGrad: averagePool3dGrad,
  AvgPoolGrad: averagePoolGrad,
  BatchMatMul: batchMatMul,
  Cast: cast,
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv3D: conv3d,
  Conv3DBackpropFilterV2: conv3dBackpropFilter,
  Conv3DBackpropInputV2: conv3dBackpropInput,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  FusedConv2D: fusedConv2d,
  FusedDepthwiseConv2D: fusedDepthwise,
  Identity: identity,
  MaxPool: maxPool,
  MaxPool3D: maxPool3d,
  MaxPool3DGrad: maxPool3dGrad,
  MaxPoolGrad: maxPoolGrad,
  Prelu: prelu,
  UnsortedSegmentSum: unsortedSegmentSum,
  _FusedMatMul: fusedMatMul,
  BatchNormTraining: batchNormTraining,
  BatchNormTrainingGradient: batchNormTrainingGradient,
  ConvBatchNormInference: convBatchNormInference,
  ConvBatchNormTraining: convBatchNormTraining,
  FusedResidualConv2d: fusedResidualConv2d,
  GlobalAveragePool: globalAveragePool,
  GlobalAveragePoolGradient: globalAveragePoolGradient,
  SgdUpdate: sgdUpdate,
  SoftmaxCrossEntropy: softmaxCrossEntropy,
  SubsamplePad: subsamplePad,
  SubsamplePadGradient: subsamplePadGradient,
};

/** The names under which this package has kernels. */
export const KERNEL_NAMES = Object.keys(KERNELS);

/**
 * Registers the kernels; what they don't do goes to the kernels that were there. Those run under the same guard: what
 * they make is checked and not lost, and their errors have codes. Returns how to undo it.
 */
export function register(base: Omit<Context, 'stock'>): () => void {
  const { runtime } = base;
  const { backend } = runtime;
  const stocks = new Map(tf.getKernelsForBackend('wasm').map((stock) => [stock.kernelName, stock]));
  const context: Context = {
    ...base,
    stock: (name, inputs, attributes = {}) =>
      stocks
        .get(name)!
        .kernelFunc({ inputs, attrs: attributes as tf.NamedAttrMap, backend }) as tf.TensorInfo,
  };
  const names = new Set([...stocks.keys(), ...Object.keys(KERNELS)]);
  const undo = [...names].map((kernelName) => {
    const stock = stocks.get(kernelName);
    const kernel = KERNELS[kernelName];
    if (stock) tf.unregisterKernel(kernelName, 'wasm');
    const run = (parameters: Parameters<tf.KernelFunc>[0]) => {
      const outputs = kernel?.(context, parameters.inputs as never, parameters.attrs as never);
      return outputs ?? stock!.kernelFunc(parameters);
    };
    const kernelFunc: tf.KernelFunc = (parameters) => {
      try {
        return runtime.guard(() => run(parameters));
      } catch (error) {
        throw explained(error, kernelName, parameters.inputs, parameters.attrs);
      }
    };
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
    return () => {
      tf.unregisterKernel(kernelName, 'wasm');
      if (stock) tf.registerKernel(stock);
    };
  });
  return () => undo.forEach((restore) => void restore());
}

/** An error with a code for whatever a kernel has thrown. */
function explained(
  error: unknown,
  kernelName: string,
  inputs: object,
  attributes: object | undefined,
): unknown {
  if (error instanceof Refusal) return refused(kernelName, inputs, attributes ?? {}, error.reason);
  if (!(error instanceof Error) || 'code' in error) return error;
  if (error instanceof WebAssembly.RuntimeError) {
    const message = `tfjs's kernel '${kernelName}' ended in a trap: ${error.message}. Its memory may be damaged: start the program again.`;
    return new ResnetError('KERNEL_FAILED', message, { cause: error });
  }
  const invalid = refused(kernelName, inputs, attributes ?? {}, error.message);
  invalid.cause = error;
  return invalid;
}
