import { broadcast_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { ActivationAttributes } from '../../contracts/tfjs.js';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { asFloats, checkFloats, isShape, valuesOf } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

const KERNELS: Record<string, string> = {
  relu: 'Relu',
  relu6: 'Relu6',
  sigmoid: 'Sigmoid',
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
};

/** Whether convolutions and products apply the activation in the same pass: none, or a ReLU. */
export function isFused({ activation = 'linear' }: ActivationAttributes): boolean {
  return activation === 'linear' || activation === 'relu';
}

/** The activation of y. Disposes y. */
export function activate(
  context: Context,
  y: TensorInfo,
  { activation = 'linear', leakyreluAlpha = 0.2 }: ActivationAttributes,
  slopes: TensorInfo | undefined,
): TensorInfo {
  if (activation === 'linear') return y;
  context.runtime.passing(y);
  if (activation === 'prelu') {
    check(slopes !== undefined, "the activation 'prelu' needs preluActivationWeights.");
    return slope(context, y, slopes);
  }
  const kernel = KERNELS[activation];
  check(kernel !== undefined, `activations are linear, prelu, ${Object.keys(KERNELS).join(', ')}.`);
  return context.stock(kernel, { x: y }, { alpha: leakyreluAlpha });
}

/** tf.prelu, with slopes of any shape that fits x; tfjs's kernel assumes one for each channel. */
export const prelu = kernel('Prelu', (context, { x, alpha }) => slope(context, asFloats(context, x), alpha));

/** x where it is positive, elsewhere x times its slope. */
function slope({ runtime, stock }: Context, x: TensorInfo, slopes: TensorInfo): TensorInfo {
  checkFloats(slopes);
  const isFitting = isShape(x, broadcast_util.assertAndGetBroadcastShape(x.shape, slopes.shape));
  check(isFitting, 'the slopes are of more values than what they are for.');
  const y = stock('Multiply', { a: x, b: slopes });
  const [values, out] = valuesOf(runtime, x, y);
  for (let index = 0; index < out.length; index++) {
    if (!(values[index]! < 0)) out[index] = values[index]!;
  }
  return y;
}
