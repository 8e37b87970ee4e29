import type { StateDict } from '@resnet/blocks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { expected, fixture, int64, safetensors } from './testing.js';

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('readSafetensors', () => {
  it("reads what Python's safetensors wrote: every dtype, every shape, metadata", () => {
    const { tensors, metadata } = readSafetensors(fixture('tensors.safetensors'));
    expect(metadata).toEqual({ format: 'pt', note: 'größer ≥ 1' });
    const wanted = expected('tensors');
    expect([...tensors.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [name, tensor] of wanted) expect(tensors.get(name), name).toEqual(tensor);
  });

  it('reads a file that lies at an odd place in a buffer, and keeps no view of it', () => {
    const file = writeSafetensors(new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]));
    const bytes = new Uint8Array(file.length + 3).subarray(3);
    bytes.set(file);
    const { data } = readSafetensors(bytes).tensors.get('a')!;
    bytes.fill(0);
    expect([...data]).toEqual([1, 2]);
    expect(data.buffer.byteLength).toBe(8);
  });

  it('reads names that mean something to JavaScript as plain names', () => {
    const header = `{"__proto__":${JSON.stringify(f32([1], 0, 4))},"constructor":${JSON.stringify(f32([0], 4, 4))},"__metadata__":{"__proto__":"x"}}`;
    const { tensors, metadata } = readSafetensors(safetensors(header, 4));
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
    expect(Object.entries(metadata)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  const valid = f32([2], 0, 8);
  it.each<[string, Uint8Array, string]>([
    ['is shorter than a length', new Uint8Array(7), 'at least 8 bytes, found 7'],
    [
      'has a header longer than the file',
      Uint8Array.from([...int64(100), 0x7b]),
      'a header of 100 bytes, but 1 follow',
    ],
    [
      'has a header longer than the format allows',
      Uint8Array.from(int64(100_000_001)),
      'at most 16777216 are read',
    ],
    ['has the longest header there is', Uint8Array.from(int64(-1)), 'a header of 18446744073709551615 bytes'],
    ['has a header that is cut off', safetensors('{"a":'), 'not JSON'],
    ['has a header that is not UTF-8', Uint8Array.from([...int64(3), 0x7b, 0xff, 0x7d]), 'not JSON'],
    ['has a header that is a list', safetensors('[]'), 'a JSON object that begins with {'],
    ['has a header that begins with a space', safetensors(' {}'), 'a JSON object that begins with {'],
    [
      'has a name twice',
      safetensors(`{"a":${JSON.stringify(valid)},"a":${JSON.stringify(valid)}}`, 8),
      'same name twice',
    ],
    ...['"dtype":"F32"', '"shape":[2]', '"data_offsets":[0,8]'].map((field): [string, Uint8Array, string] => [
      `has ${field} twice in a tensor`,
      safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],${field}}}`, 8),
      'same name twice',
    ]),
    [
      'has a name twice in its metadata',
      safetensors('{"__metadata__":{"a":"x","a":"y"}}'),
      'same name twice',
    ],
    ['has metadata twice', safetensors('{"__metadata__":{},"__metadata__":{}}'), 'same name twice'],
    [
      'has metadata that is no object',
      safetensors({ __metadata__: 'x' }),
      'expected __metadata__ to be a JSON object',
    ],
    [
      'has metadata that is no string',
      safetensors({ __metadata__: { a: 1 } }),
      'metadata "a" to be a string',
    ],
    [
      'has a tensor that is no object',
      safetensors({ a: null }),
      'tensor "a" to be a JSON object, found nothing',
    ],
    ['has a tensor without a dtype', safetensors({ a: {} }), 'dtype nothing'],
    [
      'has an unknown dtype',
      safetensors({ a: { ...valid, dtype: 'F8_E4M3' } }, 8),
      'dtype "F8_E4M3"; read are F64, F32',
    ],
    [
      'has a dtype that objects inherit',
      safetensors({ a: { ...valid, dtype: 'toString' } }, 8),
      'dtype "toString"',
    ],
    ['has a shape that is no list', safetensors({ a: { ...valid, shape: 2 } }, 8), 'no list of dimensions'],
    [
      'has a negative dimension',
      safetensors({ a: { ...valid, shape: [-1, -2] } }, 8),
      'no list of dimensions',
    ],
    ['has a broken dimension', safetensors({ a: { ...valid, shape: [0.5, 4] } }, 8), 'no list of dimensions'],
    [
      'has dimensions that overflow',
      safetensors({ a: { ...valid, shape: [2 ** 40, 2 ** 40, 0] } }),
      'no list of dimensions',
    ],
    ['has one offset', safetensors({ a: { ...valid, data_offsets: [8] } }, 8), 'two positions'],
    ['has a negative offset', safetensors({ a: { ...valid, data_offsets: [-8, 0] } }, 8), 'two positions'],
    [
      'has offsets in the wrong order',
      safetensors({ a: f32([2], 8, 0) }, 8),
      'takes 8 bytes, but its data_offsets are 8 and 0',
    ],
    [
      'lies about a size',
      safetensors({ a: f32([3], 0, 8) }, 8),
      '3 F32 values takes 12 bytes, but its data_offsets are 0 and 8',
    ],
    [
      'has more data than its shape says',
      safetensors({ a: f32([1], 0, 8) }, 8),
      '1 F32 values takes 4 bytes',
    ],
    [
      'lies about a huge size',
      safetensors({ a: f32([2 ** 40], 0, 2 ** 42) }, 8),
      'describes 4398046511104 bytes of data, found 8',
    ],
    ['has data that no tensor covers', safetensors({ a: valid }, 9), 'describes 8 bytes of data, found 9'],
    ['is cut off', safetensors({ a: valid }, 7), 'describes 8 bytes of data, found 7'],
    ['has a hole', safetensors({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), 'tensor "b" leaves a hole'],
    ['begins with a hole', safetensors({ a: f32([1], 4, 8) }, 8), 'tensor "a" leaves a hole'],
    [
      'has tensors that overlap',
      safetensors({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
      'tensor "b" overlaps',
    ],
    ['has tensors in the same place', safetensors({ a: valid, b: valid }, 8), 'tensor "b" overlaps'],
  ])('refuses a file that %s', (_, bytes, problem) => {
    expect(() => readSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_INVALID', message: expect.stringContaining(problem) }),
    );
  });

  it('keeps a hostile name short and on one line in its message', () => {
    const name = `\u001b[2J\n\u009b2J\u202e${'x'.repeat(10_000)}`;
    const error = (() => {
      try {
        readSafetensors(safetensors({ [name]: null }));
      } catch (cause) {
        return cause as Error;
      }
    })();
    expect(error?.message).toMatch(/^[\x20-\x7e…\ufffd]{1,300}$/u);
  });
});

describe('writeSafetensors', () => {
  const tensors: StateDict = new Map([
    ['layer1.0.conv1.weight', { shape: [2, 1], data: Float32Array.of(1.5, -2) }],
    ['7', { shape: [], data: Float32Array.of(NaN) }],
    ['empty', { shape: [0, 3], data: new Float32Array() }],
  ]);

  it('writes the same bytes for the same tensors, with data aligned to 8 bytes', () => {
    const bytes = writeSafetensors(tensors, { epoch: '3' });
    expect(writeSafetensors(tensors, { epoch: '3' })).toEqual(bytes);
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(header % 8).toBe(0);
    expect(bytes.length).toBe(8 + header + 12);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + header))).toBe(
      '{"__metadata__":{"epoch":"3"},"layer1.0.conv1.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"7":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]}}'.padEnd(
        header,
      ),
    );
  });

  it('writes a view of a larger buffer as the view', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const { tensors: read } = readSafetensors(writeSafetensors(new Map([['a', { shape: [2], data }]])));
    expect([...read.get('a')!.data]).toEqual([2, 3]);
  });

  it('is read back as it was: names, order, shapes, bits, metadata', () => {
    const tensor = fc
      .array(fc.nat({ max: 4 }), { maxLength: 4 })
      .chain((shape) =>
        fc
          .float32Array({ minLength: product(shape), maxLength: product(shape) })
          .map((data) => ({ shape, data })),
      );
    const names = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name }),
        fc.dictionary(fc.string(), fc.string()),
        (entries, metadata) => {
          const read = readSafetensors(writeSafetensors(new Map(entries), metadata));
          // Empty tensors share a place with a neighbor, and may change places with it.
          expect(read.tensors).toEqual(new Map(entries));
          const filled = ([, { data }]: [string, { data: Float32Array }]) => data.length > 0;
          const order = (all: [string, { data: Float32Array }][]) => all.filter(filled).map(([name]) => name);
          expect(order([...read.tensors])).toEqual(order(entries));
          expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<[string, StateDict, string]>([
    [
      'values that do not fit its shape',
      new Map([['a', { shape: [3], data: new Float32Array(2) }]]),
      'shape [3] but 2',
    ],
    [
      'the name of the metadata',
      new Map([['__metadata__', { shape: [0], data: new Float32Array() }]]),
      'reserved',
    ],
  ])('refuses a tensor with %s', (_, wrong, problem) => {
    expect(() => writeSafetensors(wrong)).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_INVALID', message: expect.stringContaining(problem) }),
    );
  });
});

function product(shape: number[]): number {
  return shape.reduce((total, dimension) => total * dimension, 1);
}
