import type { Layer } from '@resnet/blocks';
import { layersOf } from './layers.js';
import type { Network } from './network.js';

/** A layer as a summary has it. */
export type SummaryLayer = Pick<
  Layer,
  'name' | 'kind' | 'inputs' | 'inputShape' | 'outputShape' | 'parameters' | 'multiplyAdds'
>;

export interface Summary {
  name: string;
  /** [height, width, channels] of one image. */
  inputShape: number[];
  layers: SummaryLayer[];
  /** Learned values, as the paper counts them (Table 6). */
  parameters: number;
  /** Of convolutions and fully connected layers, for one image (the FLOPs of the paper's Table 1). */
  multiplyAdds: number;
  /** Bytes of float32 of all layers' outputs for one image. A training step takes several times as much. */
  activationBytes: number;
  /** Layers with weights, as the paper counts depth: convolutions and fully connected ones, without projections and gates. */
  depth: number;
}

/** Layer by layer: output sizes, parameters, multiply-adds. Computes nothing and needs no backend of its own. */
export function summarize(network: Network, inputShape: readonly number[] = network.inputShape): Summary {
  const layers: SummaryLayer[] = [];
  // ReLUs and sigmoids change values where they are: what takes theirs is said to take those of the layer before.
  const sources = new Map<string, string>();
  for (const layer of layersOf(network, inputShape)) {
    const inputs = layer.inputs.map((input) => sources.get(input) ?? input);
    if (layer.kind === 'relu' || layer.kind === 'sigmoid') {
      sources.set(layer.name, inputs[0]!);
      continue;
    }
    const { name, kind, inputShape, outputShape, parameters, multiplyAdds } = layer;
    layers.push({ name, kind, inputs, inputShape, outputShape, parameters, multiplyAdds });
  }
  const total = (value: (layer: SummaryLayer) => number) =>
    layers.reduce((sum, layer) => sum + value(layer), 0);
  const isWeighted = ({ kind, name }: SummaryLayer) =>
    (kind === 'convolution' || kind === 'fully connected') && !/downsample|\.gate$/.test(name);
  return {
    name: network.architecture.name,
    inputShape: [...inputShape],
    layers,
    parameters: total((layer) => layer.parameters),
    multiplyAdds: total((layer) => layer.multiplyAdds),
    activationBytes: total((layer) => 4 * layer.outputShape.reduce((product, length) => product * length, 1)),
    depth: layers.filter(isWeighted).length,
  };
}

/** The summary as a table of text. */
export function formatSummary(summary: Summary): string {
  const count = (value: number) => (value === 0 ? '' : value.toLocaleString('en-US'));
  const rows = summary.layers.map((layer) => [
    layer.name,
    layer.kind,
    layer.outputShape.join(' × '),
    count(layer.parameters),
    count(layer.multiplyAdds),
  ]);
  const header = ['layer', 'kind', 'output', 'parameters', 'multiply-adds'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  return [
    line(header),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map(line),
    '',
    `${summary.name}: ${summary.depth} weighted layers, input ${summary.inputShape.join(' × ')}`,
    `parameters     ${summary.parameters.toLocaleString('en-US')}`,
    `multiply-adds  ${summary.multiplyAdds.toLocaleString('en-US')} for one image`,
    `activations    ${(summary.activationBytes / 2 ** 20).toFixed(1)} MiB in all layers’ outputs for one image`,
  ].join('\n');
}

/** The summary as a drawing of the network: a flowchart in Mermaid's language, which GitHub and many editors show. */
export function formatMermaid({ layers, inputShape }: Summary): string {
  const places = new Map(layers.map(({ name }, place) => [name, place]));
  const node = (name: string) => (places.has(name) ? `n${places.get(name)}` : 'input');
  return [
    'flowchart TD',
    `  input(["input ${inputShape.join(' × ')}"])`,
    ...layers.flatMap(({ name, kind, inputs, outputShape }) => [
      `  ${node(name)}["${name}<br>${kind}<br>${outputShape.join(' × ')}"]`,
      ...inputs.map((input) => `  ${node(input)} --> ${node(name)}`),
    ]),
    '',
  ].join('\n');
}
