import type { Layer } from '@resnet/blocks';
import type { Network } from './network.js';

/** Every layer of a network, in an order in which they can be computed. The network's input is called 'input'. */
export function layersOf(network: Network, inputShape: readonly number[] = network.inputShape): Layer[] {
  const layers: Layer[] = [];
  network.trace({ name: 'input', shape: [...inputShape] }, (layer) => layers.push(layer));
  return layers;
}
