import type { OnnxAttributes, OnnxGraph, Parameter } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs-core';
import type { OnnxNode, OnnxTensor } from './encode.js';

/** Collects nodes and constants. */
export class GraphWriter implements OnnxGraph {
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

  constant(tensor: OnnxTensor): string {
    this.constants.push(tensor);
    return tensor.name;
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
