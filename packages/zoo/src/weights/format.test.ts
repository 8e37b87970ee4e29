import { describe, expect, it } from 'vitest';
import { readWeights } from './format.js';
import { ascii, expected, fixture, safetensors } from './testing.js';

describe('readWeights', () => {
  it.each([
    ['tensors.safetensors', 'safetensors', { format: 'pt', note: 'größer ≥ 1' }],
    ['tensors-zip.pt', 'torch', {}],
    ['tensors-legacy.pt', 'torch', {}],
  ])('knows %s by its bytes', (name, format, metadata) => {
    const weights = readWeights(fixture(name));
    const leftOut = format === 'torch' ? { leftOut: [] } : {};
    expect(weights).toEqual({ format, metadata, tensors: expect.any(Map), ...leftOut });
    expect([...weights.tensors.keys()].sort()).toEqual([...expected('tensors').keys()].sort());
  });

  it('reads the legacy format of any pickle protocol', () => {
    expect(readWeights(fixture('checkpoint-legacy-protocol4.pt')).tensors).toEqual(expected('network'));
  });

  it.each<[string, number[], string]>([
    ['an empty file', [], 'an empty file'],
    ['an HTML page', ascii('\n<!DOCTYPE html><html>'), 'an HTML page'],
    ['an XML error of a store', ascii('<?xml version="1.0"?><Error>'), 'an HTML page'],
    [
      'a Git LFS pointer',
      ascii('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n'),
      'a Git LFS pointer',
    ],
    ['JSON text', ascii('{"weights": []}'), 'JSON text'],
    ['a Keras file', [0x89, ...ascii('HDF\r\n\x1a\n')], 'an HDF5 file, as Keras writes'],
    ['a gzip file', [0x1f, 0x8b, 0x08, 0, 0, 0], 'a gzip file'],
    ['a NumPy array', [0x93, ...ascii('NUMPY'), 1, 0], 'a NumPy array'],
    ['an ONNX model', [0x08, 0x07, 0x12, 0x07, ...ascii('pytorch')], 'an ONNX model'],
    [
      'another pickle',
      [0x80, 0x04, 0x95, 1, 0, 0, 0, 0, 0, 0, 0, 0x7d, 0x2e],
      'a Python pickle that torch.save did not',
    ],
    ['other text', ascii('To whom it may concern'), 'begins with "To whom it may concern"'],
    ['other bytes', [1, 2, 3, 0xff], 'begins with the bytes 010203ff'],
  ])('says what it found instead: %s', (_, bytes, found) => {
    expect(() => readWeights(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({
        code: 'WEIGHTS_INVALID',
        message: expect.stringMatching(/^Expected weights as safetensors or saved by PyTorch .*, found /),
      }),
    );
    expect(() => readWeights(Uint8Array.from(bytes))).toThrow(found);
  });

  it('says what is wrong with a file of a format that it reads', () => {
    const longer = safetensors('{}').with(7, 1);
    expect(() => readWeights(longer)).toThrow(/^Not a valid safetensors file: its first 8 bytes/);
    expect(() => readWeights(fixture('tensors-zip.pt').subarray(0, 999))).toThrow(/zip archive is damaged/);
    expect(() => readWeights(fixture('complex-zip.pt'))).toThrow('tensors in a "ComplexFloatStorage"');
  });
});
