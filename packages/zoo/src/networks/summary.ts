import { Activation, Conv2d, type GraphNode, graphOf, Linear } from '@resnet/blocks';
import type { Network } from './network.js';

/** A layer in a summary. */
export interface SummaryLayer
  extends Pick<GraphNode, 'name' | 'kind' | 'inputs' | 'outputShape' | 'parameters' | 'multiplyAdds'> {
  /** Of its first input. */
  inputShape: readonly number[];
}

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
  /** Convolutions and fully connected layers on the longest way through the network, as the paper counts depth. */
  depth: number;
}

/** Layer by layer: output sizes, parameters, multiply-adds. Computes nothing. */
export function summarize(network: Network, inputShape: readonly number[] = network.inputShape): Summary {
  const { graph, output } = graphOf(network, inputShape);
  const { nodes } = graph;
  const layers: SummaryLayer[] = [];
  // Activations are left out: a layer that takes an activation is listed with the layer before it.
  const sources = new Map<string, string>();
  for (const { layer, inputShapes, ...node } of nodes) {
    const inputs = node.inputs.map((input) => sources.get(input) ?? input);
    if (layer instanceof Activation) {
      sources.set(node.name, inputs[0]!);
      continue;
    }
    const { name, kind, outputShape, parameters, multiplyAdds } = node;
    layers.push({ name, kind, inputs, inputShape: inputShapes[0]!, outputShape, parameters, multiplyAdds });
  }
  const total = (value: (layer: SummaryLayer) => number) =>
    layers.reduce((sum, layer) => sum + value(layer), 0);
  return {
    name: network.architecture.name,
    inputShape: [...inputShape],
    layers,
    parameters: total((layer) => layer.parameters),
    multiplyAdds: total((layer) => layer.multiplyAdds),
    activationBytes: total((layer) => 4 * layer.outputShape.reduce((product, length) => product * length, 1)),
    depth: depthOf(nodes, output.name),
  };
}

function depthOf(nodes: readonly GraphNode[], output: string): number {
  const depths = new Map<string, number>([['input', 0]]);
  for (const { name, layer, inputs, inputShapes } of nodes) {
    const own = layer instanceof Conv2d || layer instanceof Linear ? 1 : 0;
    // Vectors that scale maps, as in squeeze-and-excitation, are not counted.
    const hasMap = inputShapes.some(({ length }) => length === 3);
    const counted = inputs.filter((_, index) => !hasMap || inputShapes[index]!.length === 3);
    depths.set(name, Math.max(0, ...counted.map((input) => depths.get(input)!)) + own);
  }
  return depths.get(output)!;
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
  const indices = new Map(layers.map(({ name }, index) => [name, index]));
  const node = (name: string) => (indices.has(name) ? `n${indices.get(name)}` : 'input');
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
