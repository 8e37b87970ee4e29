import { Builder, type Offset } from 'flatbuffers';

/** Numbers of TensorFlow Lite's schema.fbs, as far as they are used here. */
const TENSOR_TYPES = { Float32Array: 0, Int32Array: 2, Int8Array: 9 } as const;
const OPERATORS = {
  ADD: { code: 0, options: 11 },
  CONV_2D: { code: 3, options: 1 },
  DEQUANTIZE: { code: 6, options: 0 },
  FULLY_CONNECTED: { code: 9, options: 8 },
  MAX_POOL_2D: { code: 17, options: 5 },
  PAD: { code: 34, options: 0 },
  MEAN: { code: 40, options: 27 },
  QUANTIZE: { code: 114, options: 0 },
} as const;
const VERSION = 3;
/** Of the bytes of constants, which kernels read as vectors. */
const ALIGNMENT = 16;

export type TfliteType = keyof typeof TENSOR_TYPES;

/** real = scale · (integer - zero), for the whole tensor or for each entry of its first axis. */
export interface Quantization {
  scales: ArrayLike<number>;
  zero: number;
}

export interface TfliteTensor {
  name: string;
  type: TfliteType;
  shape: readonly number[];
  quantization?: Quantization | undefined;
  /** Of a constant. */
  data?: Float32Array | Int32Array | Int8Array | undefined;
}

/** A field of a table: its slot, which is its index in the schema, and its value. */
export type Field =
  | { slot: number; int8: number }
  | { slot: number; int32: number }
  | { slot: number; offset: Offset };

export interface TfliteOperator {
  operator: keyof typeof OPERATORS;
  /** Tensors, by their index. */
  inputs: readonly number[];
  output: number;
  /** The fields of its table of options. Those that are left out are 0. */
  options: readonly Field[];
}

export interface TfliteModel {
  tensors: readonly TfliteTensor[];
  operators: readonly TfliteOperator[];
  input: number;
  output: number;
}

/** The file of a model. */
export function encodeTflite({ tensors, operators, input, output }: TfliteModel): Uint8Array {
  const bytes = tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
  const builder = new Builder(Math.ceil(1.1 * bytes) + 2 ** 16);
  // The first buffer is that of all tensors that are no constants.
  const constants = tensors.filter(({ data }) => data);
  const buffers = [table(builder, []), ...constants.map(({ data }) => bufferOf(builder, data!))];
  const used = [...new Set(operators.map(({ operator }) => operator))];
  const codes = used.map((operator) => operatorCode(builder, OPERATORS[operator].code));
  const graph = table(builder, [
    {
      slot: 0,
      offset: offsets(
        builder,
        tensors.map((tensor) => tensorOf(builder, tensor, constants.indexOf(tensor) + 1)),
      ),
    },
    { slot: 1, offset: integers(builder, [input]) },
    { slot: 2, offset: integers(builder, [output]) },
    {
      slot: 3,
      offset: offsets(
        builder,
        operators.map((operation) => operatorOf(builder, operation, used.indexOf(operation.operator))),
      ),
    },
  ]);
  const model = table(builder, [
    { slot: 0, int32: VERSION },
    { slot: 1, offset: offsets(builder, codes) },
    { slot: 2, offset: offsets(builder, [graph]) },
    { slot: 4, offset: offsets(builder, buffers) },
  ]);
  builder.finish(model, 'TFL3');
  return builder.asUint8Array();
}

function bufferOf(builder: Builder, { buffer, byteOffset, byteLength }: ArrayBufferView): Offset {
  builder.prep(ALIGNMENT, byteLength);
  const data = builder.createByteVector(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  return table(builder, [{ slot: 0, offset: data }]);
}

/** The number of an operator stands twice: readers from before there were more than 127 know only the first. */
function operatorCode(builder: Builder, code: number): Offset {
  return table(builder, [
    { slot: 0, int8: code },
    { slot: 2, int32: 1 },
    { slot: 3, int32: code },
  ]);
}

function tensorOf(builder: Builder, { name, type, shape, quantization }: TfliteTensor, buffer: number) {
  const title = builder.createString(name);
  return table(builder, [
    { slot: 0, offset: integers(builder, shape) },
    { slot: 1, int8: TENSOR_TYPES[type] },
    { slot: 2, int32: buffer },
    { slot: 3, offset: title },
    ...(quantization ? [{ slot: 4, offset: quantizationOf(builder, quantization) }] : []),
  ]);
}

function quantizationOf(builder: Builder, { scales, zero }: Quantization): Offset {
  const values = Array.from(scales);
  const scale = vector(builder, values, 4, (value) => builder.addFloat32(value));
  const zeros = vector(builder, values, 8, () => builder.addInt64(BigInt(zero)));
  return table(builder, [
    { slot: 2, offset: scale },
    { slot: 3, offset: zeros },
  ]);
}

function operatorOf(
  builder: Builder,
  { operator, inputs, output, options }: TfliteOperator,
  code: number,
): Offset {
  const union = OPERATORS[operator].options;
  const taken = integers(builder, inputs);
  const given = integers(builder, [output]);
  const chosen: Field[] =
    union === 0
      ? []
      : [
          { slot: 3, int8: union },
          { slot: 4, offset: table(builder, options) },
        ];
  return table(builder, [
    { slot: 0, int32: code },
    { slot: 1, offset: taken },
    { slot: 2, offset: given },
    ...chosen,
  ]);
}

function table(builder: Builder, fields: readonly Field[]): Offset {
  builder.startObject(1 + Math.max(-1, ...fields.map(({ slot }) => slot)));
  for (const field of fields) {
    if ('offset' in field) builder.addFieldOffset(field.slot, field.offset, 0);
    else if ('int8' in field) builder.addFieldInt8(field.slot, field.int8, 0);
    else builder.addFieldInt32(field.slot, field.int32, 0);
  }
  return builder.endObject();
}

/** Flatbuffers are written from their end to their beginning. */
function vector<T>(builder: Builder, values: readonly T[], size: number, add: (value: T) => void): Offset {
  builder.startVector(size, values.length, size);
  for (const value of values.toReversed()) add(value);
  return builder.endVector();
}

function integers(builder: Builder, values: readonly number[]): Offset {
  return vector(builder, values, 4, (value) => builder.addInt32(value));
}

function offsets(builder: Builder, values: readonly Offset[]): Offset {
  return vector(builder, values, 4, (value) => builder.addOffset(value));
}
