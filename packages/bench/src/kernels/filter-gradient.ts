import * as tf from '@tensorflow/tfjs-core';

/**
 * tfjs's WASM backend has no gradient of a convolution's filter. Plain tfjs composes it: it is a convolution of the
 * input, images and channels exchanged, with the output's gradient.
 */
export function registerFilterGradient(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { strides, pad, filterShape } = attrs as unknown as {
        strides: number | [number, number];
        pad: number;
        filterShape: number[];
      };
      const [height, width, inChannels, outChannels] = filterShape as [number, number, number, number];
      return tf.tidy(() => {
        const padded = tf.pad(tf.transpose(x, [3, 1, 2, 0]), [
          [0, 0],
          [pad, pad],
          [pad, pad],
          [0, 0],
        ]);
        const sums = tf.conv2d(padded, tf.transpose(dy, [1, 2, 0, 3]), 1, 'valid', 'NHWC', strides);
        return tf.transpose(tf.slice(sums, 0, [inChannels, height, width, outChannels]), [1, 2, 0, 3]);
      });
    },
  });
}
