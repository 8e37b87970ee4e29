import { ResnetError } from '@resnet/core';
import { coded, madeCifar, madeCifar100 } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIFAR10_CLASSES, CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from './classes.js';
import { CIFAR10_RECORD, CIFAR100_RECORD, parseCifar10, parseCifar100 } from './format.js';

/** Looks at some pixels of two records, whose planes come after the labels. */
function expectInterleaved(
  images: Uint8Array,
  bytes: Uint8Array,
  recordBytes: number,
  labelBytes: number,
): void {
  for (const [record, row, column, channel] of [
    [0, 0, 0, 0],
    [0, 0, 1, 2],
    [1, 5, 7, 1],
    [1, 31, 31, 2],
  ] as const) {
    const planar = record * recordBytes + labelBytes + channel * 1024 + row * 32 + column;
    const interleaved = ((record * 32 + row) * 32 + column) * 3 + channel;
    expect(images[interleaved]).toBe(bytes[planar]);
  }
}

describe('parseCifar10', () => {
  it('puts the planes together pixel by pixel', () => {
    const bytes = madeCifar([3, 9]);
    const { images, labels, count } = parseCifar10(bytes, 'made.bin');
    expect(count).toBe(2);
    expect([...labels]).toEqual([3, 9]);
    expect(images.length).toBe(2 * 32 * 32 * 3);
    expectInterleaved(images, bytes, CIFAR10_RECORD, 1);
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
});

describe('parseCifar100', () => {
  const bytes = madeCifar100([
    [0, 99],
    [19, 7],
  ]);

  it('gives fine labels, or coarse ones, and the pixels after both', () => {
    const { images, labels, count } = parseCifar100(bytes, 'train.bin');
    expect(count).toBe(2);
    expect([...labels]).toEqual([99, 7]);
    expect(parseCifar100(bytes, 'train.bin', 'coarse')).toEqual({
      images,
      labels: Uint8Array.of(0, 19),
      count,
    });
    expectInterleaved(images, bytes, CIFAR100_RECORD, 2);
  });

  it('names 100 classes and 20 superclasses, each once, by the alphabet', () => {
    expect(new Set(CIFAR100_CLASSES).size).toBe(100);
    expect(new Set(CIFAR100_SUPERCLASSES).size).toBe(20);
    for (const names of [CIFAR100_CLASSES, CIFAR100_SUPERCLASSES]) expect([...names].sort()).toEqual(names);
    expect([0, 39, 52, 99].map((label) => CIFAR100_CLASSES[label])).toEqual([
      'apple',
      'keyboard',
      'oak_tree',
      'worm',
    ]);
  });

  it.each(['fine', 'coarse'] as const)(
    'checks both labels, even where only the %s ones are asked for',
    (labels) => {
      const parse = (coarse: number, fine: number) =>
        parseCifar100(
          madeCifar100([
            [1, 2],
            [coarse, fine],
          ]),
          'train.bin',
          labels,
        );
      expect(() => parse(20, 99)).toThrow(
        coded('DATA_INVALID', 'coarse labels from 0 to 19, found 20 in record 1 (byte 3074'),
      );
      expect(() => parse(19, 100)).toThrow(
        coded('DATA_INVALID', 'fine labels from 0 to 99, found 100 in record 1 (byte 3075'),
      );
    },
  );

  it('refuses a file of CIFAR-10, and labels that are none', () => {
    expect(() => parseCifar100(madeCifar([1, 2]), 'data_batch_1.bin')).toThrow(
      coded(
        'DATA_INVALID',
        'records of 3074 bytes, found 6146 bytes. The file is cut off or is not of the CIFAR-100',
      ),
    );
    expect(() => parseCifar100(bytes, 'train.bin', 'corse' as 'coarse')).toThrow(
      coded('UNKNOWN_NAME', "Did you mean 'coarse'?"),
    );
  });
});

describe('any bytes', () => {
  const someOf = <T>(labels: fc.Arbitrary<T>) => fc.array(labels, { maxLength: 4 });
  const cifar10 = someOf(fc.nat(12)).map(madeCifar);
  const cifar100 = someOf(fc.tuple(fc.nat(22), fc.nat(110))).map(madeCifar100);
  const parseCoarse = (bytes: Uint8Array, source: string) => parseCifar100(bytes, source, 'coarse');

  it.each([
    ['CIFAR-10', parseCifar10, CIFAR10_RECORD, CIFAR10_CLASSES, cifar10],
    ['CIFAR-100', parseCifar100, CIFAR100_RECORD, CIFAR100_CLASSES, cifar100],
    ['CIFAR-100, coarse', parseCoarse, CIFAR100_RECORD, CIFAR100_SUPERCLASSES, cifar100],
  ] as const)('are parsed as %s or DATA_INVALID', (_, parse, recordBytes, classes, records) => {
    const anyBytes = fc.uint8Array({ maxLength: 2 * recordBytes });
    let parsed = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(anyBytes, records), (bytes) => {
        try {
          const { images, labels, count } = parse(bytes, 'fuzz');
          expect(count * recordBytes).toBe(bytes.length);
          expect(images.length).toBe(count * 3072);
          expect([...labels].every((label) => label < classes.length)).toBe(true);
          parsed++;
        } catch (error) {
          if (!ResnetError.is(error) || error.code !== 'DATA_INVALID') throw error;
          refused++;
        }
      }),
      { numRuns: 150, seed: 1 },
    );
    expect(parsed).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
  });
});
