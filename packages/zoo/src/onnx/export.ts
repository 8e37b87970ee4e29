import { fuseGraph, graphOf, type OnnxAttributes, type OnnxGraph, type Parameter } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import { type Model, packMetadata } from '../model/model.js';
import { encodeOnnx, type OnnxNode, type OnnxTensor } from './encode.js';

export interface OnnxOptions {
  /** Whether batch normalizations are folded into the convolutions before them. Default true. */
  fold?: boolean;
}

const OPSET = 17;

/**
 * A network as an ONNX model of opset 17, which ONNX Runtime, PyTorch's tools and many others run: input 'images',
 * [batch, channels, height, width], normalized, of any count and size that the network takes; output 'logits', [batch, classes].
 * What is known of normalization and classes goes into the model's metadata, as in files of `packModel`.
 *
 * @throws LAYER_UNSUPPORTED if a layer does not say how it is written
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

/** Collects nodes and constants. */
class GraphWriter implements OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: (OnnxTensor | Promise<OnnxTensor>)[] = [];

  node(operator: string, name: string, inputs: readonly string[], attributes: OnnxAttributes = {}): void {
    this.nodes.push({ operator, name, inputs, outputs: [name], attributes });
  }

  parameter(name: string, parameter: Parameter): string {
    const shape = onnxShape(parameter);
    this.constants.push(parameter.read().then(({ data }) => ({ name, shape, data })));
    return name;
  }

  tensor(name: string, tensor: tf.Tensor): string {
    const { shape } = tensor;
    const values = tensor.data<'float32'>().finally(() => tensor.dispose());
    this.constants.push(values.then((data) => ({ name, shape, data })));
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  /** Gives the value that is the network's result another name. */
  nameOutput(from: string, to: string): void {
    const index = this.nodes.findIndex(({ outputs }) => outputs[0] === from);
    this.nodes[index] = { ...this.nodes[index]!, outputs: [to] };
  }
}

/** The shape of a parameter in ONNX's operators: PyTorch's; a filter is always one of four axes. */
function onnxShape({ layout, storedShape, shape }: Parameter): number[] {
  if (layout !== 'flat filter') return storedShape;
  const [height, width, inChannels, outChannels] = shape as [number, number, number, number];
  return [outChannels, inChannels, height, width];
}
