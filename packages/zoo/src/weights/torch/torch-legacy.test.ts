import { describe, expect, it } from 'vitest';
import { dict, floats, none, pickle, refusal, storage, tensor, torchLegacy } from '../testing.js';
import { readTorch } from './torch.js';

describe('a file of the legacy format', () => {
  const value = dict({ a: tensor(storage('0', 2), 0, [2], [1]) });
  const values = floats(1, 2);
  const good = { key: '0', count: 2, bytes: values };

  it('is read', () => {
    expect([...readTorch(torchLegacy(value, [good])).get('a')!.data]).toEqual([1, 2]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'of a big-endian machine',
      torchLegacy(value, [good], dict({ little_endian: [0x89] })),
      'it is not little-endian',
    ],
    ['of an unknown machine', torchLegacy(value, [good], none), 'it is not little-endian'],
    ['of another protocol', torchLegacy(value, [good]).with(18, 0xea), 'not of the legacy protocol 1001'],
    ['without its storage', torchLegacy(value), 'the values of the storage "0" are missing'],
    ['with a storage twice', torchLegacy(value, [good, good]), 'does not fit its tensors'],
    [
      'with a storage of no tensor',
      torchLegacy(value, [good, { ...good, key: '1' }]),
      'does not fit its tensors',
    ],
    [
      'with another count',
      torchLegacy(value, [{ ...good, count: 3 }]),
      'expected 2 values in the storage "0", found 3',
    ],
    ['with a huge count', torchLegacy(value, [{ ...good, count: 2n ** 62n }]), 'found 4611686018427387904'],
    ['with a negative count', torchLegacy(value, [{ ...good, count: -1 }]), 'found -1'],
    ['that is cut off', torchLegacy(value, [good]).subarray(0, -1), 'cut off: expected at least'],
    ['that is cut off after the magic number', torchLegacy(value).subarray(0, 15), 'damaged or cut off'],
    ['that is none', Uint8Array.of(1, 2, 3), 'begins neither as a zip archive nor with the magic number'],
  ])('is refused %s', (_, bytes, problem) => {
    expect(() => readTorch(bytes)).toThrow(refusal('WEIGHTS_INVALID', problem));
  });

  it('is refused without a list of storages', () => {
    const whole = torchLegacy(value);
    const noList = Uint8Array.from([...whole.subarray(0, -6), ...pickle(none)]);
    expect(() => readTorch(noList)).toThrow(refusal('WEIGHTS_INVALID', 'no list of its storages'));
  });
});
