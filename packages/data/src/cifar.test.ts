import { ResnetError } from '@resnet/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIFAR10_CLASSES, CIFAR10_RECORD, parseCifar10 } from './cifar.js';
import { coded, madeCifar } from './test-support.js';

describe('parseCifar10', () => {
  it('puts the planes together pixel by pixel', () => {
    const bytes = madeCifar([3, 9]);
    const { images, labels, count } = parseCifar10(bytes, 'made.bin');
    expect(count).toBe(2);
    expect([...labels]).toEqual([3, 9]);
    expect(images.length).toBe(2 * 32 * 32 * 3);
    for (const [record, row, column, channel] of [
      [0, 0, 0, 0],
      [0, 0, 1, 2],
      [1, 5, 7, 1],
      [1, 31, 31, 2],
    ] as const) {
      const planar = record * CIFAR10_RECORD + 1 + channel * 1024 + row * 32 + column;
      const interleaved = ((record * 32 + row) * 32 + column) * 3 + channel;
      expect(images[interleaved]).toBe(bytes[planar]);
    }
  });

  it.each([0, 1, 3072, 3074, 6145])('says that a file of %i bytes is cut off', (length) => {
    expect(() => parseCifar10(new Uint8Array(length), 'data_batch_2.bin')).toThrow(
      coded(
        'DATA_INVALID',
        `data_batch_2.bin must be a whole number of records of 3073 bytes, found ${length}`,
      ),
    );
  });

  it('names the record and the byte of a label that is none', () => {
    expect(() => parseCifar10(madeCifar([0, 9, 10]), 'data_batch_2.bin')).toThrow(
      coded('DATA_INVALID', 'found 10 in record 2 (byte 6146'),
    );
  });

  it('parses any bytes or throws DATA_INVALID', () => {
    const anyBytes = fc.uint8Array({ maxLength: 2 * CIFAR10_RECORD });
    const anyRecords = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }).map(madeCifar);
    let parsed = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(anyBytes, anyRecords), (bytes) => {
        try {
          const { images, labels, count } = parseCifar10(bytes, 'fuzz');
          expect(count * CIFAR10_RECORD).toBe(bytes.length);
          expect(images.length).toBe(count * 3072);
          expect([...labels].every((label) => label < CIFAR10_CLASSES.length)).toBe(true);
          parsed++;
        } catch (error) {
          if (!ResnetError.is(error) || error.code !== 'DATA_INVALID') throw error;
          refused++;
        }
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(parsed).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
  });
});
