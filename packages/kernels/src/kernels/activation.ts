import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';
import { check } from '../refused.js';

/** What tfjs's fused kernels are given to end with. */
export interface ActivationAttributes {
  activation?: string;
  leakyreluAlpha?: number;
}

const KERNELS: Record<string, string> = {
  relu: 'Relu',
  relu6: 'Relu6',
  sigmoid: 'Sigmoid',
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
};

/** The kernels that end convolutions and products themselves do so in one pass: nothing, or a ReLU. */
export function isFused({ activation = 'linear' }: ActivationAttributes): boolean {
  return activation === 'linear' || activation === 'relu';
}

/** The activation of y by tfjs's kernel, in place of y, which is given up. */
export function activate(
  { runtime, stock }: Context,
  y: TensorInfo,
  { activation = 'linear', leakyreluAlpha = 0.2 }: ActivationAttributes,
  slopes: TensorInfo | undefined,
): TensorInfo {
  if (activation === 'linear') return y;
  const kernel = KERNELS[activation];
  check(kernel !== undefined, `activations are linear, ${Object.keys(KERNELS).join(', ')}.`);
  check(kernel !== 'Prelu' || slopes !== undefined, "the activation 'prelu' needs preluActivationWeights.");
  check(
    !slopes ||
      (slopes.dtype === 'float32' && slopes.shape.length <= y.shape.length && isRow(slopes, y.shape.at(-1)!)),
    'preluActivationWeights are float32, one for each channel.',
  );
  runtime.passing(y);
  return stock(kernel, kernel === 'Prelu' ? { x: y, alpha: slopes! } : { x: y }, { alpha: leakyreluAlpha });
}

function isRow({ shape }: TensorInfo, size: number): boolean {
  return shape.at(-1) === size && shape.slice(0, -1).every((length) => length === 1);
}
