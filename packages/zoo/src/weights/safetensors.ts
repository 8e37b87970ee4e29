import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { isObject } from '../json.js';
import { bytesPerValue, type Dtype, isDtype, toFloat16, toFloat32 } from './dtype.js';
import { isCount, valuesOf } from './shape.js';

/** Some 200,000 tensors. The format's reference implementation allows 100 MB, whose objects take more than 1 GB. */
const maximumHeaderBytes = 2 ** 24;

/**
 * Reads a safetensors file: https://huggingface.co/docs/safetensors. Everything in the header is checked
 * before any value is copied, as strictly as the reference implementation does.
 *
 * @returns tensors as float32 in the order in which they lie in the file, copied out of `bytes`
 * @throws WEIGHTS_INVALID if `bytes` is not a valid safetensors file or has a dtype other than F64, F32,
 *   F16, BF16, I64, I32, I16, I8, U8 and BOOL
 */
export function readSafetensors(bytes: Uint8Array): { tensors: StateDict; metadata: Record<string, string> } {
  const headerEnd = endOfHeader(bytes);
  const { entries, metadata } = parseHeader(bytes.subarray(8, headerEnd));
  const data = bytes.subarray(headerEnd);
  const tensorEntries = entries
    .map(([name, entry]) => entryOf(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  let covered = 0;
  for (const { name, begin, end } of tensorEntries) {
    if (begin !== covered) {
      const problem = begin > covered ? 'leaves a hole' : 'overlaps the one before';
      throw invalid(
        `tensor ${quote(name)} ${problem}: expected it to begin at byte ${covered} of the data, found ${begin}.`,
      );
    }
    covered = end;
  }
  if (covered !== data.length) {
    throw invalid(
      `its header describes ${covered} bytes of data, found ${data.length}. The file is cut off or damaged; fetch it again.`,
    );
  }

  const tensors: StateDict = new Map();
  for (const { name, dtype, shape, begin, end } of tensorEntries) {
    tensors.set(name, { shape, data: toFloat32(data.subarray(begin, end), dtype) });
  }
  return { tensors, metadata };
}

export interface SafetensorsOptions {
  /**
   * Store filters and matrices as F16, which halves the file; vectors stay F32, as small variances would lose digits.
   * Default false.
   */
  float16?: boolean;
}

/**
 * The bytes of a safetensors file of F32 tensors, and I8 ones of Int8Array, in the order of the map, with those of F16 and I8
 * behind the others: the same input gives the same bytes.
 *
 * @throws WEIGHTS_INVALID if a tensor has another number of values than its shape says, values that F16 does not reach
 *   (above 65,504), or the name `__metadata__`
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array | Int8Array }>,
  metadata?: Record<string, string>,
  { float16 = false }: SafetensorsOptions = {},
): Uint8Array {
  const member = (name: string, value: unknown) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  const header = metadata === undefined ? [] : [member('__metadata__', metadata)];
  let begin = 0;
  const stored: (Float32Array | Uint16Array | Int8Array)[] = [];
  type Tensor = { shape: readonly number[]; data: Float32Array | Int8Array };
  const dtypeOf = ({ shape, data }: Tensor) =>
    data instanceof Int8Array ? 'I8' : float16 && shape.length > 1 ? 'F16' : 'F32';
  // Values lie aligned this way, as some readers want.
  const ordered = [...tensors].sort(([, a], [, b]) => bytesPerValue[dtypeOf(b)] - bytesPerValue[dtypeOf(a)]);
  for (const [name, tensor] of ordered) {
    const { shape, data } = tensor;
    const dtype = dtypeOf(tensor);
    if (name === '__metadata__') {
      throw unwritable("The name '__metadata__' is reserved in safetensors; rename the tensor.");
    }
    if (valuesOf(shape) !== data.length) {
      throw unwritable(
        `Tensor ${quote(name)} has the shape [${shape.join(', ')}] but ${data.length} values.`,
      );
    }
    if (dtype === 'F16' && data.some((value) => Math.abs(value) >= 65_520)) {
      throw unwritable(
        `Tensor ${quote(name)} has values above 65,504, which F16 does not reach. Write it as F32.`,
      );
    }
    const values = dtype === 'F16' ? toFloat16(data as Float32Array) : data;
    stored.push(values);
    const end = begin + values.byteLength;
    header.push(member(name, { dtype, shape, data_offsets: [begin, end] }));
    begin = end;
  }

  const json = new TextEncoder().encode(`{${header.join()}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + begin);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, 8 + headerBytes);
  let position = 8 + headerBytes;
  for (const data of stored) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

function endOfHeader(bytes: Uint8Array): number {
  if (bytes.length < 8) throw invalid(`expected at least 8 bytes, found ${bytes.length}.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maximumHeaderBytes)) {
    throw invalid(
      `its first 8 bytes give a header of ${length} bytes; at most ${maximumHeaderBytes} are read.`,
    );
  }
  if (length > BigInt(bytes.length - 8)) {
    throw invalid(
      `its first 8 bytes give a header of ${length} bytes, but ${bytes.length - 8} follow. The file is cut off or damaged; fetch it again.`,
    );
  }
  return 8 + Number(length);
}

function parseHeader(bytes: Uint8Array): { entries: [string, unknown][]; metadata: Record<string, string> } {
  let json: string;
  let header: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(json);
  } catch (cause) {
    throw invalid('its header is not JSON text.', cause);
  }
  if (!isObject(header) || json[0] !== '{') {
    throw invalid('expected its header to be a JSON object that begins with {.');
  }
  const entries = Object.entries(header);
  if (membersIn(json) !== membersOf(header))
    throw invalid('its header has the same name twice in one object.');
  return {
    entries: entries.filter(([name]) => name !== '__metadata__'),
    metadata: Object.hasOwn(header, '__metadata__') ? metadataOf(header.__metadata__) : {},
  };
}

function metadataOf(metadata: unknown): Record<string, string> {
  if (!isObject(metadata)) {
    throw invalid(`expected __metadata__ to be a JSON object, found ${kindOf(metadata)}.`);
  }
  const entries = Object.entries(metadata).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') {
      throw invalid(`expected the metadata ${quote(name)} to be a string, found ${kindOf(value)}.`);
    }
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function entryOf(name: string, entry: unknown): Entry {
  if (!isObject(entry)) {
    throw invalid(`expected tensor ${quote(name)} to be a JSON object, found ${kindOf(entry)}.`);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    const found = typeof dtype === 'string' ? quote(dtype) : kindOf(dtype);
    throw invalid(
      `tensor ${quote(name)} has the dtype ${found}; read are ${Object.keys(bytesPerValue).join(', ')}. Convert it to F32 first.`,
    );
  }
  const values = valuesOf(shape);
  if (values === undefined) throw invalid(`tensor ${quote(name)} has a shape that is no list of dimensions.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw invalid(`expected the data_offsets of tensor ${quote(name)} to be two positions.`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = values * bytesPerValue[dtype];
  if (end - begin !== expected) {
    throw invalid(
      `tensor ${quote(name)} of ${values} ${dtype} values takes ${expected} bytes, but its data_offsets are ${begin} and ${end}.`,
    );
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

/** How many members the objects of valid JSON text have, counting repeated names, which `JSON.parse` drops. */
function membersIn(json: string): number {
  let members = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ':') members++;
  }
  return members;
}

/** How many members an object has with those in it, at any depth: JSON may be nested deeper than a stack is. */
function membersOf(value: object): number {
  let members = 0;
  const waiting: object[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inside: unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) members += inside.length;
    for (const each of inside) if (typeof each === 'object' && each !== null) waiting.push(each);
  }
  return members;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

function unwritable(problem: string): ResnetError {
  return new ResnetError('WEIGHTS_INVALID', problem);
}

function invalid(problem: string, cause?: unknown): ResnetError {
  return new ResnetError('WEIGHTS_INVALID', `Not a valid safetensors file: ${problem}`, { cause });
}
