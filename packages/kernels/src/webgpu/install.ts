import * as tf from '@tensorflow/tfjs-core';
import { refused } from '../runtime/refused.js';
import { batchNormTraining, batchNormTrainingGradient } from './batch-norm.js';
import { blendMoments } from './blend-moments.js';
import { channelAffine } from './channel-affine.js';
import { conv2d, convBatchNormInference, fusedConv2d, fusedResidualConv2d } from './convolution.js';
import { conv2dBackpropFilter } from './filter-gradient.js';
import { sgdUpdate } from './gradient-descent.js';
import { conv2dBackpropInput } from './input-gradient.js';
import type { Kernel } from './kernel.js';
import { roiAlign, roiAlignGradient } from './roi-align.js';
import { roiMaxPool, roiMaxPoolGradient } from './roi-max-pool.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';
import { subsamplePad, subsamplePadGradient } from './subsample-pad.js';
import { sumOfSquares } from './sum-of-squares.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';
import { upsampleNearest, upsampleNearestGradient } from './upsample-nearest.js';

/** The registered kernels: operations of @resnet/backend, whose portable bodies need many dispatches, and slow kernels of tfjs. */
const KERNELS: readonly Kernel[] = [
  batchNormTraining,
  batchNormTrainingGradient,
  blendMoments,
  channelAffine,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  convBatchNormInference,
  fusedConv2d,
  fusedResidualConv2d,
  roiAlign,
  roiAlignGradient,
  roiMaxPool,
  roiMaxPoolGradient,
  sgdUpdate,
  softmaxCrossEntropy,
  subsamplePad,
  subsamplePadGradient,
  sumOfSquares,
  upsampleNearest,
  upsampleNearestGradient,
];

/**
 * Registers this package's kernels for tfjs's WebGPU backend, whether it runs already or is started later. Each needs a few
 * dispatches. They take float32: other inputs of the operations of @resnet/backend end with INPUT_INVALID, other inputs of tfjs's
 * kernels go to tfjs.
 */
export function installWebgpu(): void {
  for (const kernel of KERNELS) {
    const kernelName = kernel.name;
    const stock = tf.getKernel(kernelName, 'webgpu');
    if (stock && ours.has(stock.kernelFunc)) continue;
    if (stock) tf.unregisterKernel(kernelName, 'webgpu');
    const kernelFunc: tf.KernelFunc = (parameters) => {
      const { inputs, attrs, backend } = parameters;
      const outputs = kernel.run(backend as TfjsWebgpuBackend, inputs, attrs ?? {});
      if (outputs) return outputs;
      if (stock) return stock.kernelFunc(parameters);
      throw refused(kernelName, inputs, attrs ?? {}, 'neither this package nor tfjs computes it.');
    };
    ours.add(kernelFunc);
    tf.registerKernel({ kernelName, backendName: 'webgpu', kernelFunc });
  }
}

const ours = new WeakSet<tf.KernelFunc>();
