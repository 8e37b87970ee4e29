import * as tf from '@tensorflow/tfjs-core';
import { channelAffineKernel } from './channel-affine.js';
import { channelMeanKernel } from './channel-mean.js';
import { conv2dBackpropFilterKernel } from './conv2d-backprop-filter.js';
import { conv2dBackpropInputKernel } from './conv2d-backprop-input.js';
import { identityKernel } from './identity.js';
import { maxPoolGradKernel } from './max-pool-grad.js';

/** Each kernel names the inputs, attributes and parts of the backend that it uses. */
type WasmKernel = (inputs: never, attributes: never, backend: never) => tf.TensorInfo;

/**
 * Gives tfjs's WASM backend what it needs to train: kernels that it lacks, and faster ones for some that it has.
 * They are ordinary tfjs kernels, so they serve any tfjs program.
 */
export function registerWasmKernels(): void {
  const kernels: Record<string, WasmKernel> = {
    ChannelAffine: channelAffineKernel,
    ChannelMean: channelMeanKernel,
    Conv2DBackpropFilter: conv2dBackpropFilterKernel,
    Conv2DBackpropInput: conv2dBackpropInputKernel,
    Identity: identityKernel,
    MaxPoolGrad: maxPoolGradKernel,
  };
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, 'wasm') != null) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs, backend }) =>
        tf.tidy(() => kernel(inputs as never, attrs as never, backend as never) as tf.Tensor),
    });
  }
}
