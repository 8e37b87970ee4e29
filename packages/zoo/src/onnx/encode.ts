import type { OnnxAttributes } from '@resnet/blocks';
import { PbfWriter } from 'pbf';

/** A value of a model. A length that is not known before it runs is a name. */
export interface OnnxValue {
  name: string;
  shape: readonly (number | string)[];
}

/** A constant of a model. */
export interface OnnxTensor {
  name: string;
  shape: readonly number[];
  data: Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;
}

/** An operation. Numbers are integers; a float is written as `{ float: 0.5 }`. */
export interface OnnxNode {
  operator: string;
  name: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: OnnxAttributes;
}

export interface OnnxModel {
  /** Of the default domain. */
  opset: number;
  producer: string;
  metadata: Readonly<Record<string, string>>;
  graphName: string;
  nodes: readonly OnnxNode[];
  constants: readonly OnnxTensor[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
}

/** The version of the format itself; 8 is what opset 17 came with. */
const IR_VERSION = 8;
const DATA_TYPES = { Float32Array: 1, Uint8Array: 2, Int8Array: 3, Int32Array: 6, BigInt64Array: 7 } as const;
const ATTRIBUTE_TYPES = { float: 1, int: 2, ints: 7 } as const;

/** The file of a model. The numbers are those of the fields in ONNX's onnx.proto. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const file = new PbfWriter();
  file.writeVarintField(1, IR_VERSION);
  file.writeStringField(2, model.producer);
  file.writeMessage(7, writeGraph, model);
  file.writeMessage(8, writeOpset, model.opset);
  for (const [key, value] of Object.entries(model.metadata))
    file.writeMessage(14, writeEntry, { key, value });
  return file.finish();
}

function writeOpset(version: number, to: PbfWriter): void {
  to.writeStringField(1, '');
  to.writeVarintField(2, version);
}

function writeEntry({ key, value }: { key: string; value: string }, to: PbfWriter): void {
  to.writeStringField(1, key);
  to.writeStringField(2, value);
}

function writeGraph({ nodes, graphName, constants, inputs, outputs }: OnnxModel, to: PbfWriter): void {
  for (const node of nodes) to.writeMessage(1, writeNode, node);
  to.writeStringField(2, graphName);
  for (const constant of constants) to.writeMessage(5, writeTensor, constant);
  for (const input of inputs) to.writeMessage(11, writeValue, input);
  for (const output of outputs) to.writeMessage(12, writeValue, output);
}

function writeNode({ operator, name, inputs, outputs, attributes = {} }: OnnxNode, to: PbfWriter): void {
  for (const input of inputs) to.writeStringField(1, input);
  for (const output of outputs) to.writeStringField(2, output);
  to.writeStringField(3, name);
  to.writeStringField(4, operator);
  for (const attribute of Object.entries(attributes)) to.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute(
  [name, value]: [string, number | readonly number[] | { float: number }],
  to: PbfWriter,
): void {
  to.writeStringField(1, name);
  if (typeof value === 'number') {
    to.writeVarintField(3, value);
    to.writeVarintField(20, ATTRIBUTE_TYPES.int);
  } else if ('float' in value) {
    to.writeFloatField(2, value.float);
    to.writeVarintField(20, ATTRIBUTE_TYPES.float);
  } else {
    for (const entry of value) to.writeVarintField(8, entry);
    to.writeVarintField(20, ATTRIBUTE_TYPES.ints);
  }
}

function writeTensor({ name, shape, data }: OnnxTensor, to: PbfWriter): void {
  for (const length of shape) to.writeVarintField(1, length);
  to.writeVarintField(2, DATA_TYPES[data.constructor.name as keyof typeof DATA_TYPES]);
  to.writeStringField(8, name);
  // Little-endian, as all machines that run JavaScript engines are.
  to.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue({ name, shape }: OnnxValue, to: PbfWriter): void {
  to.writeStringField(1, name);
  to.writeMessage(2, writeType, shape);
}

function writeType(shape: OnnxValue['shape'], to: PbfWriter): void {
  to.writeMessage(1, writeTensorType, shape);
}

function writeTensorType(shape: OnnxValue['shape'], to: PbfWriter): void {
  to.writeVarintField(1, DATA_TYPES.Float32Array);
  to.writeMessage(2, writeShape, shape);
}

function writeShape(shape: OnnxValue['shape'], to: PbfWriter): void {
  for (const length of shape) to.writeMessage(1, writeDimension, length);
}

function writeDimension(length: number | string, to: PbfWriter): void {
  if (typeof length === 'number') to.writeVarintField(1, length);
  else to.writeStringField(2, length);
}
