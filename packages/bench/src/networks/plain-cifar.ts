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
  const variable: Variables = (name, create) => {
    if (!variables.has(name)) variables.set(name, tf.variable(tf.tidy(create), true, name));
    return variables.get(name) as tf.Tensor;
  };
  const layer = mode === 'infer' ? foldedLayer(variable) : normalizedLayer(variable);
  const x = images(batchSize, 32);
  const forward = () => logitsOf(x, blocks, layer, variable);

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

/** The variable of a name, which is created when it is first asked for. */
type Variables = (name: string, create: () => tf.Tensor) => tf.Tensor;
/** A convolution with normalization, the addition of `residual` if there is one, and ReLU. */
type Layer = (
  x: tf.Tensor4D,
  name: string,
  channels: number,
  stride: number,
  residual?: tf.Tensor,
) => tf.Tensor4D;

function filterAndBeta(variable: Variables, x: tf.Tensor4D, name: string, channels: number) {
  const inChannels = x.shape[3];
  const deviation = Math.sqrt(2 / (9 * inChannels));
  const filter = variable(`${name}.w`, () =>
    tf.randomNormal([3, 3, inChannels, channels], 0, deviation, 'float32', 1),
  ) as tf.Tensor4D;
  return { filter, beta: variable(`${name}.b`, () => tf.zeros([channels])) as tf.Tensor1D };
}

function foldedLayer(variable: Variables): Layer {
  return (x, name, channels, stride, residual) => {
    const { filter, beta: bias } = filterAndBeta(variable, x, name, channels);
    const activation = residual ? 'linear' : 'relu';
    const y: tf.Tensor4D = tf.fused.conv2d({ x, filter, strides: stride, pad: 1, bias, activation });
    return residual ? tf.relu(tf.add<tf.Tensor4D>(y, residual)) : y;
  };
}

function normalizedLayer(variable: Variables): Layer {
  return (x, name, channels, stride, residual) => {
    const { filter, beta } = filterAndBeta(variable, x, name, channels);
    const convolved = tf.conv2d(x, filter, stride, 1);
    const { mean, variance } = tf.moments(convolved, [0, 1, 2]);
    const gamma = variable(`${name}.g`, () => tf.ones([channels])) as tf.Tensor1D;
    const y = tf.batchNorm(convolved, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, 1e-5);
    return tf.relu(residual ? tf.add<tf.Tensor4D>(y, residual) : y);
  };
}

function logitsOf(x: tf.Tensor4D, blocks: number, layer: Layer, variable: Variables): tf.Tensor {
  let maps = layer(x, 'stem', 16, 1);
  for (const [stage, channels] of [16, 32, 64].entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const shortcut = stride === 1 ? maps : shortcutA(maps, channels / 4);
      const hidden = layer(maps, `${stage}.${block}.1`, channels, stride);
      maps = layer(hidden, `${stage}.${block}.2`, channels, 1, shortcut);
    }
  }
  const weight = variable('fc.w', () => tf.randomNormal([64, 10], 0, 0.1, 'float32', 1));
  const bias = variable('fc.b', () => tf.zeros([10]));
  return tf.add(tf.matMul(tf.mean(maps, [1, 2]) as tf.Tensor2D, weight as tf.Tensor2D), bias);
}

/** Every second pixel, with so many channels of zeros before and after. */
function shortcutA(maps: tf.Tensor4D, zeros: number): tf.Tensor4D {
  const halved = tf.avgPool(maps, 1, 2, 'valid');
  return tf.pad(halved, [
    [0, 0],
    [0, 0],
    [0, 0],
    [zeros, zeros],
  ]);
}
