import type { StateDict } from '@resnet/blocks';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ascii, dict, floats, pickle, refusal, storage, tensor } from '../testing.js';
import { readTorch } from './torch.js';

describe('a zip file', () => {
  const value = dict({ a: tensor(storage('0', 2), 0, [2], [1]) });
  const pickled = Uint8Array.from(pickle(value));
  const values = floats(1, 2);
  const one: StateDict = new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]);
  const order = (name: string) => ({ 'x/byteorder': Uint8Array.from(ascii(name)) });
  const zip = (entries: Record<string, Uint8Array>, level: 0 | 6 = 0) => zipSync(entries, { level });

  it('is read if others have compressed it, as PyTorch reads it', () => {
    const entries = { 'x/data.pkl': pickled, 'x/data/0': values, pad: new Uint8Array(999) };
    expect(zip(entries, 6).length).toBeLessThan(zip(entries).length - 900);
    expect(readTorch(zip(entries, 6))).toEqual(one);
  });

  it('is read with and without a byte order', () => {
    expect(readTorch(zip({ 'x/data.pkl': pickled, 'x/data/0': values }))).toEqual(one);
    expect(readTorch(zip({ 'x/data.pkl': pickled, 'x/data/0': values, ...order('little') }))).toEqual(one);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'of a big-endian machine',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values, ...order('big') }),
      'it is not little-endian',
    ],
    ['without a pickle', zip({ 'a.txt': values }), 'found the entries "a.txt"'],
    ['with a pickle outside of a folder', zip({ 'data.pkl': pickled }), 'found the entries "data.pkl"'],
    [
      'with two pickles',
      zip({ 'x/data.pkl': pickled, 'y/data.pkl': pickled }),
      'found the entries "x/data.pkl", "y/data.pkl"',
    ],
    [
      'without its storage',
      zip({ 'x/data.pkl': pickled }),
      'expected 8 bytes in "x/data/0", found no such entry',
    ],
    [
      'with a short storage',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values.subarray(4) }),
      '"x/data/0", found 4',
    ],
    [
      'with a long storage',
      zip({ 'x/data.pkl': pickled, 'x/data/0': floats(1, 2, 3) }),
      '"x/data/0", found 12',
    ],
    [
      'that unpacks to far more than it is',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values, pad: new Uint8Array(99_999) }, 6),
      'unpacks to more than 32 times its size',
    ],
    [
      'that is cut off',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values }).subarray(0, -30),
      'damaged or cut off',
    ],
  ])('is refused %s', (_, bytes, problem) => {
    expect(() => readTorch(bytes)).toThrow(refusal('WEIGHTS_INVALID', problem));
  });

  it('is refused if its directory lies', () => {
    const bytes = zip({ 'x/data.pkl': pickled, 'x/data/0': values });
    const view = new DataView(bytes.buffer);
    const end = bytes.length - 22;
    const directory = view.getUint32(end + 16, true);
    const second = directory + 46 + 'x/data.pkl'.length;
    const changed = (change: (view: DataView) => void) => {
      const copy = bytes.slice();
      change(new DataView(copy.buffer));
      return copy;
    };

    const huge = changed((copy) => {
      copy.setUint32(second + 20, 0xfffffffe, true);
      copy.setUint32(second + 24, 0xfffffffe, true);
    });
    expect(() => readTorch(huge)).toThrow(refusal('WEIGHTS_INVALID', 'larger than the archive'));

    const inflated = changed((copy) => copy.setUint32(second + 24, 0xfffffffe, true));
    expect(() => readTorch(inflated)).toThrow(
      refusal('WEIGHTS_INVALID', 'compressed in a way that is not read (method 0)'),
    );

    // A 64-bit record of the end that counts 4 billion entries, and where to find it.
    const record = new DataView(new ArrayBuffer(56 + 20));
    for (const [at, value] of [
      [0, 0x06064b50],
      [32, 0xffffffff],
      [48, directory],
      [56, 0x07064b50],
      [64, end],
    ] as const) {
      record.setUint32(at, value, true);
    }
    const counted = new Uint8Array([
      ...bytes.subarray(0, end),
      ...new Uint8Array(record.buffer),
      ...bytes.subarray(end),
    ]);
    expect(() => readTorch(counted)).toThrow(refusal('WEIGHTS_INVALID', "Can't read this PyTorch file: "));

    const elsewhere = changed((copy) => copy.setUint32(second + 42, 0xffff, true));
    expect(() => readTorch(elsewhere)).toThrow(refusal('WEIGHTS_INVALID', '"x/data/0", found 0'));

    // Every entry has the same name and offset: 46 bytes each, and each would be a copy of the data.
    const again = bytes.subarray(second, end);
    const repeated = new Uint8Array([...bytes.subarray(0, end), ...again, ...bytes.subarray(end)]);
    new DataView(repeated.buffer).setUint16(end + again.length + 8, 3, true);
    expect(() => readTorch(repeated)).toThrow(refusal('WEIGHTS_INVALID', 'two entries named "x/data/0"'));
  });
});
