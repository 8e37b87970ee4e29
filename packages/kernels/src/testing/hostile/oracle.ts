import * as tf from '@tensorflow/tfjs-core';
import { regionOperations } from './oracle-regions.js';
import type { HostileCall } from './plausible/call.js';

type Tensors = Record<string, tf.Tensor>;
// biome-ignore lint/suspicious/noExplicitAny: hostile attributes are of any type
type Attributes = Record<string, any>;

/** A kernel of tfjs's own on the current backend. */
const kernel = (name: string, inputs: object, attributes: object) =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;

/** What a call gives on a backend without this package's kernels. The operations of @resnet/backend are written in tfjs's. */
export function oracle({ kernel: name, attributes }: HostileCall, inputs: Tensors): tf.Tensor | tf.Tensor[] {
  const operation = operations[name] ?? regionOperations[name];
  if (operation) return operation(inputs, attributes as Attributes);
  // `cpu` cuts each product off to an integer where images are int32.
  if (/Conv2/.test(name) && inputs.x?.dtype === 'int32')
    inputs = { ...inputs, x: tf.cast(inputs.x, 'float32') };
  const defaults = { ...(/NativeBackprop/.test(name) ? { dilations: [1, 1] } : {}), leakyreluAlpha: 0.2 };
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return kernel(name, inputs, { ...defaults, ...Object.fromEntries(given) });
}

const convolve = ({ x, filter }: Tensors, { stride, padding, dilation }: Attributes) =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding, 'NHWC', dilation);

function ended(y: tf.Tensor, residual: tf.Tensor | undefined, relu: boolean): tf.Tensor {
  const sum = residual ? tf.add(y, fit(residual, y.shape)) : y;
  return relu ? tf.relu(sum) : sum;
}

function fit(tensor: tf.Tensor | undefined, shape: number[]): tf.Tensor {
  tf.util.assertShapesMatch(tensor!.shape, shape);
  if (tensor!.dtype !== 'float32') throw new Error(`${tensor!.dtype}`);
  return tensor!;
}

function normalize(x: tf.Tensor, { gamma, beta, residual }: Tensors, { epsilon, relu }: Attributes) {
  const channels = [x.shape.at(-1)!];
  const { mean, variance } = tf.moments(
    x,
    x.shape.slice(1).map((_, axis) => axis),
  );
  const normalized = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(normalized, fit(gamma!, channels)), fit(beta!, channels));
  return [ended(y, residual, relu), mean, variance];
}

/** dy over the number of pixels of the image that each window has, by which an average divides. */
const shared = (pool: string, x: tf.Tensor, dy: tf.Tensor, attributes: Attributes): tf.Tensor => {
  const size = [attributes.filterSize].flat();
  const window =
    x.rank === 4 ? [size[0], size[1] ?? size[0]] : size.length === 1 ? [size[0], size[0], size[0]] : size;
  const all = window.reduce((product: number, length: number) => product * length, 1);
  const filter = tf.fill([...window, 1, 1], 1);
  const ones = tf.ones([...x.shape.slice(0, -1), 1]);
  const counts = kernel(
    pool,
    { x: ones, filter },
    { ...attributes, dilations: x.rank === 4 ? 1 : [1, 1, 1], dataFormat: x.rank === 4 ? 'NHWC' : 'NDHWC' },
  );
  return tf.mul(dy, tf.div(all, counts));
};

const operations: Record<string, (inputs: Tensors, attributes: Attributes) => tf.Tensor | tf.Tensor[]> = {
  // `cpu` divides by all of the window in the gradient.
  AvgPoolGrad: ({ dy, input }, attributes) =>
    kernel(
      'AvgPoolGrad',
      { dy: shared('Conv2D', fit(input, input!.shape), fit(dy, dy!.shape), attributes), input },
      attributes,
    ),
  AvgPool3DGrad: ({ dy, input }, attributes) =>
    kernel(
      'AvgPool3DGrad',
      { dy: shared('Conv3D', fit(input, input!.shape), fit(dy, dy!.shape), attributes), input },
      attributes,
    ),
  // `cpu` makes 2 of two truths.
  Add: ({ a, b }) => {
    tf.util.assert(a!.dtype === b!.dtype, () => 'types');
    const sum = kernel('Add', { a, b }, {});
    return sum.dtype === 'bool' ? tf.cast(tf.cast(sum, 'int32'), 'bool') : sum;
  },
  // `cpu` leaves a part of the products out where both have to be repeated.
  BatchMatMul: ({ a, b }, attributes) => {
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    const [left, right] = [a!, b!].map((matrices) => {
      const shape = [...batch, ...matrices.shape.slice(-2)];
      return `${shape}` === `${matrices.shape}` ? matrices : tf.broadcastTo(matrices, shape);
    });
    return kernel('BatchMatMul', { a: left, b: right }, attributes);
  },
  FusedResidualConv2d: (inputs, attributes) => {
    const y = convolve(inputs, attributes);
    const shifted = inputs.bias ? tf.add(y, fit(inputs.bias, y.shape.slice(-1))) : y;
    return ended(shifted, inputs.residual, attributes.relu!);
  },
  ConvBatchNormInference: (inputs, attributes) => {
    const y = convolve(inputs, attributes);
    const [mean, variance, gamma, beta] = ['mean', 'variance', 'gamma', 'beta'].map((name) =>
      fit(inputs[name]!, y.shape.slice(-1)),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const factor = tf.div(gamma, tf.sqrt(tf.add(variance, attributes.epsilon!)));
    return ended(tf.add(tf.mul(tf.sub(y, mean), factor), beta), inputs.residual, attributes.relu!);
  },
  ConvBatchNormTraining: (inputs, attributes) => {
    const convolved = convolve(inputs, attributes);
    return [...normalize(convolved, inputs, attributes), convolved];
  },
  BatchNormTraining: (inputs, attributes) => normalize(fit(inputs.x!, inputs.x!.shape), inputs, attributes),
  BatchNormTrainingGradient: ({ dy, x, y, gamma, mean, variance }, { epsilon, relu, residual }) => {
    const channels = x!.shape.slice(-1);
    for (const tensor of [dy!, y!]) fit(tensor, x!.shape);
    for (const tensor of [gamma!, mean!, variance!]) fit(tensor, channels);
    const axes = x!.shape.slice(1).map((_, axis) => axis);
    const pixels = tf.util.sizeFromShape(x!.shape) / channels[0]!;
    const dSum = relu ? tf.mul(dy!, tf.cast(tf.greater(y!, 0), 'float32')) : dy!;
    const inverse = tf.rsqrt(tf.add(variance!, epsilon!));
    const normalized = tf.mul(tf.sub(x!, mean!), inverse);
    const dBeta = tf.sum(dSum, axes);
    const dGamma = tf.sum(tf.mul(dSum, normalized), axes);
    const common = tf.div(tf.add(dBeta, tf.mul(normalized, dGamma)), pixels);
    const dx = tf.mul(tf.mul(gamma!, inverse), tf.sub(dSum, common));
    return [dx, dGamma, dBeta, ...(residual ? [dSum] : [])];
  },
  GlobalAveragePool: ({ x }) => {
    if (x!.rank !== 4) throw new Error('rank');
    return tf.mean(fit(x!, x!.shape), [1, 2]);
  },
  GlobalAveragePoolGradient: ({ dy }, { height, width }) => {
    const [images, channels, ...rest] = fit(dy!, dy!.shape).shape as [number, number];
    if (rest.length > 0 || channels === undefined) throw new Error('rank');
    const shared = tf.div(tf.reshape(dy!, [images, 1, 1, channels]), height! * width!);
    return tf.mul(shared, tf.ones([1, height!, width!, 1]));
  },
  SoftmaxCrossEntropy: ({ logits, labels }) => {
    const [rows, classes] = logits!.shape as [number, number];
    if (logits!.rank !== 2 || labels!.dtype !== 'int32') throw new Error('rank or type');
    tf.util.assertShapesMatch(labels!.shape, [rows]);
    if (labels!.dataSync().some((label) => label < 0 || label >= classes)) throw new Error('label');
    const targets = tf.oneHot(labels as tf.Tensor1D, classes);
    const loss = tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits!)), 1)));
    return [loss, tf.div(tf.sub(tf.softmax(logits!), targets), rows)];
  },
  SubsamplePad: ({ x }, { stride, channels }) => {
    const [images, height, width, inChannels] = fit(x!, x!.shape).shape as [number, number, number, number];
    if (x!.rank !== 4 || !(stride! >= 1)) throw new Error('rank or stride');
    const taken = tf.stridedSlice(
      x!,
      [0, 0, 0, 0],
      [images, height, width, inChannels],
      [1, stride!, stride!, 1],
    );
    const before = Math.floor((channels! - inChannels) / 2);
    return tf.pad(taken, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, channels! - inChannels - before],
    ]);
  },
  // `cpu` has no gradient of a strided slice: what is taken of the numbers from 1 on says where gradients go, new channels to 0.
  SubsamplePadGradient: ({ dy }, attributes) => {
    const { stride } = attributes;
    const channels = dy!.shape.at(-1)!;
    const shape = attributes.shape as unknown as number[];
    const sampled = operations.SubsamplePad!({ x: tf.zeros(shape) }, { stride, channels }) as tf.Tensor;
    const gradient = tf.reshape(fit(dy!, sampled.shape), [-1]);
    const size = tf.util.sizeFromShape(shape);
    const numbers = tf.reshape(tf.range(1, size + 1), shape);
    const taken = operations.SubsamplePad!({ x: numbers }, { stride, channels }) as tf.Tensor;
    const to = tf.cast(tf.reshape(taken, [-1, 1]), 'int32');
    return tf.reshape(tf.slice(tf.scatterND(to, gradient, [size + 1]), 1, size), shape);
  },
  SgdUpdate: (inputs, rates) => {
    const { learningRate, momentum, weightDecay, gradientScale, decoupledDecay, nesterov } = rates as Record<
      string,
      number
    >;
    const outputs: tf.Tensor[] = [];
    for (let index = 0; inputs[`parameter${index}`]; index++) {
      const parameter = inputs[`parameter${index}`]!;
      const [velocity, gradient] = ['velocity', 'gradient'].map((name) =>
        fit(inputs[`${name}${index}`]!, parameter.shape),
      );
      fit(parameter, parameter.shape);
      const decayed = tf.add(tf.mul(gradient!, gradientScale!), tf.mul(parameter, weightDecay!));
      const speed = tf.add(tf.mul(velocity!, momentum!), decayed);
      const step = nesterov ? tf.add(tf.mul(speed, momentum!), decayed) : speed;
      const total = tf.add(step, tf.mul(parameter, decoupledDecay!));
      outputs.push(tf.sub(parameter, tf.mul(total, learningRate!)), speed);
    }
    return outputs;
  },
};
