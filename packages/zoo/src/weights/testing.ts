import { readFileSync } from 'node:fs';
import type { StateDict } from '@resnet/blocks';
import { zipSync } from 'fflate';

export { refusal } from '@resnet/testing';

// What the tests of this folder share: the fixtures, and hand-made files of each format.

const fixtures = new URL('../../fixtures/', import.meta.url);

/** A file that scripts/fixtures/torch-weights.py wrote. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, fixtures)));
}

/** The values that the fixtures hold, as PyTorch gave them. */
export function expected(which: 'tensors' | 'network'): StateDict {
  const all = JSON.parse(readFileSync(new URL('expected.json', fixtures), 'utf8'));
  const tensors: [string, { shape: number[]; data: number[] }][] = Object.entries(all[which]);
  return new Map(tensors.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}

export function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

export function int32(value: number): number[] {
  return [...new Uint8Array(Int32Array.of(value).buffer)];
}

export function int64(value: number | bigint): number[] {
  return [...new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)];
}

/** The bytes of float32 values. */
export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** A safetensors file of this header, JSON text or a value, and this many bytes of data. */
export function safetensors(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  return Uint8Array.from([...int64(json.length), ...json, ...new Uint8Array(dataBytes)]);
}

// Parts of a pickle. Each leaves one value on the stack, unless it says otherwise.
export const none = [0x4e];
export const emptyDict = [0x7d];
export const emptyTuple = [0x29];
export const int = (value: number) => [0x4a, ...int32(value)];
export const text = (value: string) => {
  const bytes = new TextEncoder().encode(value);
  return [0x58, ...int32(bytes.length), ...bytes];
};
export const global = (module: string, name: string) => [0x63, ...ascii(`${module}\n${name}\n`)];
export const stackGlobal = (module: string, name: string) => [...text(module), ...text(name), 0x93];
export const tuple = (...items: number[][]) => [0x28, ...items.flat(), 0x74];
export const call = (callable: number[], ...args: number[][]) => [...callable, ...tuple(...args), 0x52];
export const dict = (entries: Record<string, number[]>) => [
  ...emptyDict,
  0x28,
  ...Object.entries(entries).flatMap(([name, value]) => [...text(name), ...value]),
  0x75,
];
export const storage = (key: string, values: number, type = 'FloatStorage') => [
  ...tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(values)),
  0x51,
];
export const tensor = (from: number[], offset: number, shape: number[], strides: number[]) =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    from,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    [0x89],
    call(global('collections', 'OrderedDict')),
  );
export const pickle = (value: number[]) => [0x80, 2, ...value, 0x2e];

/** A zip file as PyTorch writes it, around a pickled value and the bytes of its storages. */
export function torchZip(value: number[], storages: Record<string, Uint8Array> = {}): Uint8Array {
  const entries = Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes]);
  return zipSync(
    { 'archive/data.pkl': Uint8Array.from(pickle(value)), ...Object.fromEntries(entries) },
    { level: 0 },
  );
}

const magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** A file of the legacy format, with its storages in the order given. `count` is what it says of their lengths. */
export function torchLegacy(
  value: number[],
  storages: { key: string; count: number | bigint; bytes: Uint8Array }[] = [],
  system = dict({ little_endian: [0x88] }),
): Uint8Array {
  return Uint8Array.from([
    ...pickle(magic),
    ...pickle(int(1001)),
    ...pickle(system),
    ...pickle(value),
    ...pickle([0x5d, 0x28, ...storages.flatMap(({ key }) => text(key)), 0x65]),
    ...storages.flatMap(({ count, bytes }) => [...int64(count), ...bytes]),
  ]);
}
