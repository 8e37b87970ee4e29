import { fuseGraph, graphOf } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { type Model, packMetadata } from '../model/model.js';
import { encodeOnnx } from './encode.js';
import { GraphWriter } from './graph-writer.js';

export interface OnnxOptions {
  /** Whether batch normalizations are folded into the convolutions before them. Default true. */
  fold?: boolean;
}

/** The version of ONNX's operators that files are written for. */
export const OPSET = 17;

/**
 * A network as an ONNX model of opset 17, which ONNX Runtime, PyTorch's tools and many others run: input 'images',
 * [batch, channels, height, width], normalized, of any count and size that the network takes; output 'logits', [batch, classes].
 * The normalization and the classes go into the model's metadata, as in files of `packModel`.
 *
 * @throws LAYER_UNSUPPORTED if a layer has no `toOnnx`
 * @returns the file's bytes, with the weights as they are at the moment of the call
 */
export async function exportOnnx(
  model: Omit<Model, 'origin'>,
  { fold = true }: OnnxOptions = {},
): Promise<Uint8Array> {
  const { network } = model;
  const { graph, output } = graphOf(network, network.inputShape);
  const writer = new GraphWriter();
  const steps = fold
    ? fuseGraph(graph, [output.name])
    : graph.nodes.map((node) => ({ ...node, operation: node.layer }));
  const taken = graph.nodes.find(({ name }) => name === 'images' || name === 'logits');
  if (taken) {
    const message = `The layer '${taken.name}' has the name of the model's input or output. Keep it in a field of another name.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  for (const { name, inputs, operation } of steps) {
    const images = inputs.map((input) => (input === 'input' ? 'images' : input));
    operation.toOnnx(writer, name, images);
  }
  const { name, classes, inChannels } = network.architecture;
  writer.nameOutput(output.name, 'logits');
  return encodeOnnx({
    opset: OPSET,
    producer: '@resnet/zoo',
    metadata: packMetadata(model),
    graphName: name,
    nodes: writer.nodes,
    constants: await Promise.all(writer.constants),
    inputs: [{ name: 'images', shape: ['batch', inChannels, 'height', 'width'] }],
    outputs: [{ name: 'logits', shape: ['batch', classes] }],
  });
}
