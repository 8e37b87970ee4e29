import type { LayerOperation } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';

/** What a layer without weights does. */
type WeightlessOperation = Exclude<
  LayerOperation,
  { kind: 'convolution' } | { kind: 'batch normalisation' } | { kind: 'fully connected' }
>;

/** The result of a layer without weights. Owned by the caller; what it computes on the way is left to `tf.tidy`. */
export function runOperation(operation: WeightlessOperation, inputs: readonly tf.Tensor[]): tf.Tensor {
  const [first, second, third] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
  switch (operation.kind) {
    case 'max pool':
    case 'average pool':
    case 'shortcut A':
      return operation.module.forward(first as tf.Tensor4D);
    case 'addition':
      return tf.add(first, second);
    case 'relu':
      return tf.relu(first);
    case 'sigmoid':
      return tf.sigmoid(first);
    case 'gating':
      return tf.add(third, tf.mul(second, tf.sub(first, third)));
  }
}
