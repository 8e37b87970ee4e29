// Imported for the gradients of tfjs-core, which plain Node lacks; `useBackend` is not called, so every kernel but
// one is tfjs's own.
import '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { registerFilterGradient } from '../kernels/filter-gradient.js';
import { images, labels } from './tfjs-images.js';
import { type Task, tfjsWorkload, type Workload } from './workload.js';

/**
 * The networks for CIFAR (option A) as a tfjs user would write them: tf.conv2d, tf.moments, tf.batchNorm, tf.relu and
 * tfjs's momentum optimizer. tfjs can't train them on WASM for want of one kernel, which is composed. For inference
 * normalization is folded into filters and biases, and bias and ReLU are fused.
 */
export async function plainCifar({ network, batchSize, mode }: Task): Promise<Workload> {
  registerFilterGradient();
  await tf.setBackend('wasm');
  const blocks = (Number(network.replace('resnet', '')) - 2) / 6;
  const variables = new Map<string, tf.Variable>();
  const variable = (name: string, create: () => tf.Tensor) => {
    if (!variables.has(name)) variables.set(name, tf.variable(tf.tidy(create), true, name));
    return variables.get(name) as tf.Tensor;
  };

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
    const beta = variable(`${name}.b`, () => tf.zeros([channels]));
    if (mode === 'infer') {
      const options = { x, filter: filter as tf.Tensor4D, strides: stride, pad: 1, bias: beta } as const;
      const y: tf.Tensor4D = tf.fused.conv2d({ ...options, activation: residual ? 'linear' : 'relu' });
      return residual ? tf.relu(tf.add<tf.Tensor4D>(y, residual)) : y;
    }
    const convolved = tf.conv2d(x, filter as tf.Tensor4D, stride, 1);
    const { mean, variance } = tf.moments(convolved, [0, 1, 2]);
    const gamma = variable(`${name}.g`, () => tf.ones([channels]));
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

  const x = images(batchSize, 32);
  const forward = () => {
    let maps = layer(x, 'stem', 16, 1);
    for (const [stage, channels] of [16, 32, 64].entries()) {
      for (let block = 0; block < blocks; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const half = channels / 4;
        const shortcut: tf.Tensor4D =
          stride === 1
            ? maps
            : tf.pad(tf.avgPool(maps, 1, 2, 'valid'), [
                [0, 0],
                [0, 0],
                [0, 0],
                [half, half],
              ]);
        const hidden = layer(maps, `${stage}.${block}.1`, channels, stride);
        maps = layer(hidden, `${stage}.${block}.2`, channels, 1, shortcut);
      }
    }
    const weight = variable('fc.w', () => tf.randomNormal([64, 10], 0, 0.1, 'float32', 1));
    const bias = variable('fc.b', () => tf.zeros([10]));
    return tf.add(tf.matMul(tf.mean(maps, [1, 2]) as tf.Tensor2D, weight as tf.Tensor2D), bias);
  };

  tf.tidy(() => void forward());
  if (mode === 'infer') return tfjsWorkload(() => tf.tidy(() => forward().dataSync<'float32'>()));

  const classes = tf.tidy(() => tf.cast(tf.oneHot(labels(batchSize), 10), 'float32'));
  const optimizer = tf.train.momentum(0.01, 0.9);
  return tfjsWorkload(() => {
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(classes, forward()) as tf.Scalar,
      true,
      [...variables.values()],
    )!;
    const value = loss.dataSync<'float32'>();
    loss.dispose();
    return value;
  });
}
