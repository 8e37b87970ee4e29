import { encodeModel } from './schema.js';

/** ONNX's numbers of the types that are used here. */
const dataTypes = { float32: 1, int64: 7, bool: 9 } as const;
const attributeTypes = { graph: 5, ints: 7 } as const;

type DataType = keyof typeof dataTypes;
type Message = Readonly<Record<string, unknown>>;

/** A graph, named values in, named values out. */
export interface Graph {
  nodes: Message[];
  constants: Message[];
  inputs: Message[];
  outputs: Message[];
}

/** One operation. Its attributes are lists of integers, or graphs. */
export function node(
  operator: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, number[] | Graph> = {},
): Message {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (Array.isArray(value)) return { name, ints: value, type: attributeTypes.ints };
    return { name, g: encodable(value), type: attributeTypes.graph };
  });
  return { op_type: operator, input: inputs, output: outputs, attribute };
}

/** The attributes of a square window that moves over an image, as convolutions and pools have them. */
export function windowAttributes(size: number, stride: number, padding: number) {
  return {
    kernel_shape: [size, size],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}

/** A tensor that belongs to the model. */
export function constant(
  name: string,
  dims: number[],
  values: Float32Array | BigInt64Array | Uint8Array,
): Message {
  const type =
    values instanceof Float32Array ? 'float32' : values instanceof BigInt64Array ? 'int64' : 'bool';
  const raw_data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dims, data_type: dataTypes[type], raw_data };
}

/** An input or output. */
export function value(name: string, dims: number[], type: DataType = 'float32'): Message {
  const shape = { dim: dims.map((length) => ({ dim_value: length })) };
  return { name, type: { tensor_type: { elem_type: dataTypes[type], shape } } };
}

/** The model as a file. */
export function onnxFile(graph: Graph): Uint8Array {
  return encodeModel({
    ir_version: 8,
    graph: encodable(graph),
    opset_import: [{ domain: '', version: 13 }],
  });
}

function encodable({ nodes, constants, inputs, outputs }: Graph): Message {
  return { name: 'graph', node: nodes, initializer: constants, input: inputs, output: outputs };
}
