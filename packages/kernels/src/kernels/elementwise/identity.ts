import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { valuesOf } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

/** tf.clone without a copy: data never changes, so two tensors can share it. tfjs's kernel copies. */
export const identity = kernel('Identity', (context, { x }) => shared(context, x));

function shared({ runtime }: Context, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  runtime.backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** tf.cast. A cast to the tensor's own type shares the data; a cast to bool is done here, as tfjs's kernel keeps a number's lowest bits. */
export const cast = kernel('Cast', (context, inputs, { dtype }) => {
  const { x } = inputs;
  if (x.dtype === dtype) return shared(context, x);
  check(['float32', 'int32', 'bool'].includes(dtype), 'types are float32, int32 and bool.');
  if (dtype !== 'bool') return undefined;
  const { runtime } = context;
  const truth = runtime.backend.makeOutput(x.shape, 'bool');
  const [values, out] = valuesOf(runtime, x, truth);
  for (let index = 0; index < out.length; index++) out[index] = values[index] ? 1 : 0;
  return truth;
});
