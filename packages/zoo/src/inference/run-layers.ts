import { type GraphNode, graphOf, lastUses } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../networks/network.js';

/**
 * Computes a network in inference mode layer by layer, without fusion, and shows the result of each: every convolution,
 * normalization, addition and ReLU. The network stays in the mode that it is in.
 *
 * @param x [count, height, width, inChannels], normalized
 * @param visit is called with every layer in an order in which they can be computed, and with its result for all images. The
 *   result is disposed once nothing needs it any more, but not before `visit` has ended; a clone may be kept
 * @returns logits, [count, classes]; owned by the caller
 */
export async function runLayers(
  network: Network,
  x: tf.Tensor4D,
  visit: (node: GraphNode, output: tf.Tensor) => void | Promise<void>,
): Promise<tf.Tensor2D> {
  const { graph, output: result } = graphOf(network, x.shape.slice(1));
  const layers = graph.nodes;
  const spent = lastUses(layers, new Set(['input', result.name]));
  const values = new Map<string, tf.Tensor>([['input', x]]);
  try {
    for (const [index, node] of layers.entries()) {
      const inputs = node.inputs.map((input) => values.get(input)!);
      const computed = tf.tidy(() => node.layer.infer(node.layer.weights, ...inputs));
      const output = inputs.includes(computed) ? computed.clone() : computed;
      values.set(node.name, output);
      await visit(node, output);
      for (const input of spent[index]!) {
        values.get(input)!.dispose();
        values.delete(input);
      }
    }
    const logits = values.get(result.name) as tf.Tensor2D;
    values.delete(result.name);
    return logits;
  } finally {
    values.delete('input');
    tf.dispose([...values.values()]);
  }
}
