import { type ConvolutionAttributes, kernelsOn, type PoolAttributes } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';
import { call } from '../operation/call.js';

/** An attribute of an operation of TensorFlow's C API. */
interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** The part of tfjs-node's backend that is used here. */
export interface TensorFlowBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: Record<'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_FLOAT', number> & {
    TF_Version: string;
  };
  executeSingleOutput(operation: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
}

type Window = Pick<ConvolutionAttributes, 'strides' | 'pad' | 'dilations'>;

/** Defines a kernel of padded windows. */
const kernel = kernelsOn<TensorFlowBackend>();

/**
 * TensorFlow pads by any numbers, but tfjs-node refuses all paddings but 'same' and 'valid'. These kernels take the padded
 * windows to TensorFlow, and leave the others to tfjs-node.
 */
export function registerPaddedKernels(backendName: string): void {
  if (isRegistered) return;
  isRegistered = true;
  for (const { name: kernelName, run } of kernels) {
    const stock = tf.getKernel(kernelName, backendName);
    tf.unregisterKernel(kernelName, backendName);
    const kernelFunc: tf.KernelFunc = (parameters) => {
      const { backend, inputs, attrs = {} } = parameters;
      const isPadded = typeof attrs.pad === 'number' && attrs.pad > 0;
      return (isPadded && run(backend as TensorFlowBackend, inputs, attrs)) || stock.kernelFunc(parameters);
    };
    tf.registerKernel({ ...stock, kernelFunc });
  }
}

let isRegistered = false;

const kernels = [
  kernel('Conv2D', (backend, { x, filter }, attributes) =>
    backend.executeSingleOutput('Conv2D', convolution(backend, attributes, filter.shape), [x, filter]),
  ),

  kernel('FusedConv2D', (_, { x, filter, bias }, { strides, pad, dilations = 1, activation }) =>
    tf.tidy(() => {
      const inputs = { x: x as tf.Tensor4D, filter: filter as tf.Tensor4D };
      const y = call('Conv2D', inputs, { strides, pad, dilations, dataFormat: 'NHWC' });
      const sum = bias ? tf.add(y, bias as tf.Tensor) : y;
      return activation === 'relu' ? tf.relu(sum) : sum;
    }),
  ),

  kernel('Conv2DBackpropInput', (backend, { dy, filter }, attributes) =>
    tf.tidy(() => {
      const shape = tf.tensor1d(attributes.inputShape, 'int32');
      const settings = convolution(backend, attributes, filter.shape);
      return backend.executeSingleOutput('Conv2DBackpropInput', settings, [shape, filter, dy]);
    }),
  ),

  // With explicit padding TensorFlow's kernel is several times slower at stride 1, and a third slower at others.
  kernel('Conv2DBackpropFilter', (backend, { x, dy }, attributes) =>
    tf.tidy(() => {
      const { filterShape } = attributes;
      const shape = tf.tensor1d(filterShape, 'int32');
      if (isSame(attributes, filterShape)) {
        const settings = convolution(backend, attributes, filterShape);
        return backend.executeSingleOutput('Conv2DBackpropFilter', settings, [x, shape, dy]);
      }
      const pad = attributes.pad as number;
      const around: [number, number] = [pad, pad];
      const padded = tf.pad(x as tf.Tensor, [[0, 0], around, around, [0, 0]]);
      const settings = convolution(backend, { ...attributes, pad: 0 }, filterShape);
      return backend.executeSingleOutput('Conv2DBackpropFilter', settings, [padded, shape, dy]);
    }),
  ),

  kernel('MaxPool', (backend, { x }, attributes) =>
    backend.executeSingleOutput('MaxPool', pooling(backend, attributes), [x]),
  ),

  kernel('MaxPoolGrad', (backend, { dy, input, output }, attributes) =>
    backend.executeSingleOutput('MaxPoolGrad', pooling(backend, attributes), [input, output, dy]),
  ),
];

function convolution(backend: TensorFlowBackend, attributes: Window, filterShape: number[]): Attribute[] {
  const [down, across] = pairOf(attributes.dilations ?? 1);
  const padding = isSame(attributes, filterShape) ? 'SAME' : undefined;
  return [
    ...window(backend, attributes, padding),
    { name: 'dilations', type: backend.binding.TF_ATTR_INT, value: [1, down, across, 1] },
  ];
}

function pooling(backend: TensorFlowBackend, attributes: PoolAttributes): Attribute[] {
  const [height, width] = pairOf(attributes.filterSize);
  return [
    ...window(backend, attributes),
    { name: 'ksize', type: backend.binding.TF_ATTR_INT, value: [1, height, width, 1] },
  ];
}

function window({ binding }: TensorFlowBackend, { strides, pad }: Window, padding = 'EXPLICIT'): Attribute[] {
  const [down, across] = pairOf(strides);
  const p = pad as number;
  return [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, down, across, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: padding },
    ...(padding === 'EXPLICIT'
      ? [{ name: 'explicit_paddings', type: binding.TF_ATTR_INT, value: [0, 0, p, p, p, p, 0, 0] }]
      : []),
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
  ];
}

/** Whether the padding is TensorFlow's 'SAME', which oneDNN has fast kernels for. */
function isSame({ strides, pad, dilations = 1 }: Window, [height, width]: number[]): boolean {
  const [down, across] = pairOf(dilations);
  const reach = [down * (height! - 1), across * (width! - 1)];
  return (
    pairOf(strides).every((stride) => stride === 1) && reach.every((size) => size === 2 * (pad as number))
  );
}

function pairOf(value: [number, number] | number): [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}
