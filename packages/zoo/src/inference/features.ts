import { graphOf, runGraph } from '@resnet/blocks';
import { unknownName } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../networks/network.js';

/**
 * The results of a network's parts for images, by name: 'stem', 'layer1' and so on, 'pool' (the embedding), 'fc' (the logits).
 * Later parts are not computed. Differentiable; the network runs in the mode that it is in.
 *
 * @param x [count, height, width, channels], normalized
 * @returns maps of [count, height, width, channels], of the pooling [count, features]; owned by the caller
 * @throws UNKNOWN_NAME for an unknown name
 */
export function features<Name extends string>(
  network: Network,
  x: tf.Tensor4D,
  names: readonly Name[],
): Record<Name, tf.Tensor> {
  const { graph } = graphOf(network, x.shape.slice(1));
  const values = names.map((name) => {
    const value = graph.marks.get(name);
    if (!value) throw unknownName('part', name, [...graph.marks.keys()]);
    return value.name;
  });
  const found = runGraph(graph, [x], values);
  return Object.fromEntries(names.map((name, index) => [name, found[index]!])) as Record<Name, tf.Tensor>;
}
