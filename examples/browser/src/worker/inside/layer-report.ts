import { layersOf, type Network } from '@resnet/zoo';

export type Layer = ReturnType<typeof layersOf>[number];

/** A layer of the network, for the page. */
export interface LayerReport
  extends Pick<
    Layer,
    'name' | 'kind' | 'inputs' | 'inputShape' | 'outputShape' | 'parameters' | 'multiplyAdds'
  > {
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
  return layersOf(network).map((layer) => {
    const { name, kind, inputs, inputShape, outputShape, parameters, multiplyAdds } = layer;
    const block = /^layer\d+\.\d+(?=\.|$)/.exec(name)?.[0];
    return {
      ...{ name, kind, inputs, inputShape, outputShape, parameters, multiplyAdds },
      part: parts.get(name)!,
      ...(block === undefined ? {} : { block }),
      ...(layer.kind === 'convolution'
        ? { filter: { shape: layer.module.filter.shape, stride: layer.module.stride } }
        : {}),
    };
  });
}

/** The part of the network that each layer is in, by the layer's name. */
function partsOf(network: Network): Map<string, string> {
  const parts = new Map<string, string>();
  let current = { name: 'input', shape: [...network.inputShape] as readonly number[] };
  for (const [part, step] of network.steps()) {
    current = step.trace(current, ({ name }) => parts.set(name, part));
  }
  return parts;
}
