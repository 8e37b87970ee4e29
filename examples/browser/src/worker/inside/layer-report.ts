import { Conv2d, type GraphNode, graphOf } from '@resnet/blocks';
import { layersOf, type Network } from '@resnet/zoo';

export type Layer = GraphNode;

/** A layer of the network, for the page. */
export interface LayerReport
  extends Pick<Layer, 'name' | 'kind' | 'inputs' | 'outputShape' | 'parameters' | 'multiplyAdds'> {
  /** Of its first input. */
  inputShape: readonly number[];
  /** The part of the network that it is in: 'stem', 'layer1'. */
  part: string;
  /** The block that it is in: 'layer1.0'. */
  block?: string;
  /** Of convolutions. */
  filter?: FilterReport;
}

export interface FilterReport {
  /** [height, width, inChannels, outChannels] */
  shape: readonly number[];
  stride: number;
}

/** All layers, in an order in which they can be computed. */
export function layerReports(network: Network): LayerReport[] {
  const parts = partsOf(network);
  return layersOf(network).map(({ layer, inputShapes, ...node }) => {
    const { name, kind, inputs, outputShape, parameters, multiplyAdds } = node;
    const block = /^layer\d+\.\d+(?=\.|$)/.exec(name)?.[0];
    return {
      ...{ name, kind, inputs, inputShape: inputShapes[0]!, outputShape, parameters, multiplyAdds },
      part: parts.get(name)!,
      ...(block === undefined ? {} : { block }),
      ...(layer instanceof Conv2d ? { filter: { shape: layer.filter.shape, stride: layer.stride } } : {}),
    };
  });
}

/** The part of the network that each layer is in, by the layer's name. */
function partsOf(network: Network): Map<string, string> {
  const { graph } = graphOf(network, network.inputShape);
  const parts = new Map<string, string>();
  const ends = new Map([...graph.marks].map(([part, { name }]) => [name, part]));
  let waiting: string[] = [];
  for (const { name } of graph.nodes) {
    waiting.push(name);
    const part = ends.get(name);
    if (part === undefined) continue;
    for (const layer of waiting) parts.set(layer, part);
    waiting = [];
  }
  return parts;
}
