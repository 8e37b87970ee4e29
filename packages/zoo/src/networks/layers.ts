import { type GraphNode, graphOf } from '@resnet/blocks';
import type { Network } from './network.js';

/** Every layer of a network, in an order in which they can be computed. The network's input is called 'input'. */
export function layersOf(
  network: Network,
  inputShape: readonly number[] = network.inputShape,
): readonly GraphNode[] {
  return graphOf(network, inputShape).graph.nodes;
}
