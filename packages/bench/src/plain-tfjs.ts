// Imported for the gradients of tfjs-core, which plain Node lacks; `useBackend` is not called, so every kernel but
// one is tfjs's own.
import '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { Workload } from './workload.js';

/**
 * The same networks (option A) as a tfjs user would write them: tf.conv2d, tf.moments, tf.batchNorm, tf.relu and
 * tfjs's momentum optimiser. tfjs can't train them on WASM for want of one kernel, which is composed here.
 */
export async function plainTfjs(network: string, batchSize: number): Promise<Workload> {
  registerFilterGradient();
  await tf.setBackend('wasm');
  const blocks = (Number(network.replace('resnet', '')) - 2) / 6;
  const variables = new Map<string, tf.Variable>();
  const variable = (name: string, create: () => tf.Tensor) => {
    if (!variables.has(name)) variables.set(name, tf.variable(tf.tidy(create), true, name));
    return variables.get(name) as tf.Tensor;
  };

  let isTraining = true;
  const layer = (
    x: tf.Tensor4D,
    name: string,
    channels: number,
    stride: number,
    residual?: tf.Tensor,
  ): tf.Tensor4D => {
    const inChannels = x.shape[3];
    const deviation = Math.sqrt(2 / (9 * inChannels));
    const filter = variable(`${name}.w`, () =>
      tf.randomNormal([3, 3, inChannels, channels], 0, deviation, 'float32', 1),
    );
    const convolved = tf.conv2d(x, filter as tf.Tensor4D, stride, 1);
    const { mean, variance } = isTraining
      ? tf.moments(convolved, [0, 1, 2])
      : { mean: tf.zeros([channels]), variance: tf.ones([channels]) };
    const gamma = variable(`${name}.g`, () => tf.ones([channels]));
    const beta = variable(`${name}.b`, () => tf.zeros([channels]));
    const y = tf.batchNorm(
      convolved,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      1e-5,
    );
    return tf.relu(residual ? tf.add(y, residual) : y) as tf.Tensor4D;
  };

  const forward = (images: tf.Tensor4D) => {
    let x = layer(images, 'stem', 16, 1);
    for (const [stage, channels] of [16, 32, 64].entries()) {
      for (let block = 0; block < blocks; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const half = channels / 4;
        const shortcut: tf.Tensor4D =
          stride === 1
            ? x
            : tf.pad(tf.avgPool(x, 1, 2, 'valid'), [
                [0, 0],
                [0, 0],
                [0, 0],
                [half, half],
              ]);
        const hidden = layer(x, `${stage}.${block}.1`, channels, stride);
        x = layer(hidden, `${stage}.${block}.2`, channels, 1, shortcut);
      }
    }
    const weight = variable('fc.w', () => tf.randomNormal([64, 10], 0, 0.1, 'float32', 1));
    const bias = variable('fc.b', () => tf.zeros([10]));
    return tf.add(tf.matMul(tf.mean(x, [1, 2]) as tf.Tensor2D, weight as tf.Tensor2D), bias);
  };

  const images = tf.randomNormal<tf.Rank.R4>([batchSize, 32, 32, 3], 0, 1, 'float32', 1);
  const classes = tf.tensor1d(
    Int32Array.from({ length: batchSize }, (_, index) => index % 10),
    'int32',
  );
  const labels = tf.cast(tf.oneHot(classes, 10), 'float32');
  tf.tidy(() => void forward(images));
  const optimizer = tf.train.momentum(0.01, 0.9);
  return {
    train: () => {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(labels, forward(images)) as tf.Scalar,
        true,
        [...variables.values()],
      )!;
      const [value] = loss.dataSync();
      loss.dispose();
      return value!;
    },
    infer: () => {
      isTraining = false;
      tf.tidy(() => void forward(images).dataSync());
    },
  };
}

/** A weight gradient is a convolution of the input, images and channels exchanged, with the output's gradient. */
function registerFilterGradient(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { strides, pad, filterShape } = attrs as unknown as {
        strides: number;
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
