import * as tf from '@tensorflow/tfjs-core';
import { type Network, stepsThrough } from './network.js';

/**
 * What parts of a network give for images, by name: 'stem', 'layer1' and so on, 'pool' (the embedding), 'fc' (the logits).
 * Nothing behind the last of them is computed. Differentiable; the network runs in the mode that it is in.
 *
 * @param x [count, height, width, channels], normalised
 * @returns maps of [count, height, width, channels], of the pooling [count, features]; owned by the caller
 * @throws UNKNOWN_NAME for a name that is none
 */
export function features<Name extends string>(
  network: Network,
  x: tf.Tensor4D,
  names: readonly Name[],
): Record<Name, tf.Tensor> {
  const steps = stepsThrough(network, names);
  return tf.tidy(() => {
    const found: Record<string, tf.Tensor> = {};
    let current: tf.Tensor = x;
    for (const [name, step] of steps) {
      current = step.forward(current);
      if (names.includes(name as Name)) found[name] = current;
    }
    return found;
  });
}
