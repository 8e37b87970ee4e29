import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { check } from '../refused.js';
import type { Kernel } from './kernel.js';

/** tf.clone, without the copy that tfjs's own makes: data never changes, so two tensors can share it. */
export const identity: Kernel = ({ runtime }, { x }: { x: TensorInfo }) => {
  runtime.backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/** tf.cast. To the type that the tensor has already it shares the data; to bool, tfjs's own keeps a number's lowest bits. */
export const cast: Kernel = (context, inputs: { x: TensorInfo }, { dtype }: { dtype: DataType }) => {
  const { x } = inputs;
  if (x.dtype === dtype) return identity(context, inputs as never, {} as never);
  check(['float32', 'int32', 'bool'].includes(dtype), 'types are float32, int32 and bool.');
  if (dtype !== 'bool') return undefined;
  const { backend } = context.runtime;
  const truth = backend.makeOutput(x.shape, 'bool');
  const [values, out] = [x, truth].map((info) => backend.typedArrayFromHeap(info));
  for (let index = 0; index < out!.length; index++) out![index] = values![index] ? 1 : 0;
  return truth;
};
