import { ResnetError } from '@resnet/core';
import { cifarPickles, coded, pickledImage } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIFAR10, CIFAR100, type CifarFormat } from './format.js';
import { parseCifarPickle } from './pickle.js';

const files = cifarPickles();
const fileOf = (name: string) => files.get(name)!;
const parse = (bytes: Uint8Array, format: CifarFormat = CIFAR10, labelIndex = 0, most?: number) =>
  parseCifarPickle(format, labelIndex, bytes, 'data_batch_2', most);

describe('parseCifarPickle', () => {
  const good = [...files.keys()].filter((name) =>
    /^(numpy|Python 2$|keys of text|array of bytes)/.test(name),
  );

  it('has files of Python 2, numpy 1 and numpy 2 to read', () => {
    expect(good.length).toBe(11);
  });

  it.each(good)('reads what was written by or as: %s', (name) => {
    const { images, labels, count } = parse(fileOf(name));
    expect(count).toBe(2);
    expect([...labels]).toEqual([3, 9]);
    expect(images).toEqual(Uint8Array.of(...pickledImage(0), ...pickledImage(1)));
  });

  it.each(['CIFAR-100', 'Python 2, CIFAR-100'])('reads both labels of %s', (name) => {
    const bytes = fileOf(name);
    expect(parse(bytes, CIFAR100, 0)).toMatchObject({ labels: Uint8Array.of(0, 19, 7), count: 3 });
    expect(parse(bytes, CIFAR100, 1)).toMatchObject({ labels: Uint8Array.of(99, 0, 50), count: 3 });
  });

  it('reads the first images only, where no more are wanted', () => {
    const whole = parse(fileOf('Python 2'));
    for (const most of [1, 2, 99]) {
      const some = parse(fileOf('Python 2'), CIFAR10, 0, most);
      expect(some.count).toBe(Math.min(most, 2));
      expect([...some.labels]).toEqual([3, 9].slice(0, most));
      expect(some.images).toEqual(whole.images.subarray(0, most * 3072));
    }
  });

  it('does not change the file, and gives memory of its own', () => {
    const bytes = fileOf('numpy 2.4.6, protocol 5').slice();
    const before = bytes.slice();
    const { images } = parse(bytes);
    expect(bytes).toEqual(before);
    bytes.fill(0);
    expect(images.subarray(0, 3072)).toEqual(pickledImage(0));
  });

  it.each([
    ['float64', `must have pixels of the numpy type 'u1' (uint8), found "f8"`],
    ['int8', 'found "i1"'],
    ['object array', 'found "O8"'],
    ['order of Fortran, protocol 2', 'found an array in Fortran order'],
    ['order of Fortran, protocol 4', 'found an array in Fortran order'],
    ['order of Fortran, protocol 5', 'found an array in Fortran order'],
    ['four dimensions', 'must have pixels of the shape [count, 3072], found [2, 3, 32, 32]'],
    ['one dimension', 'found [6144]'],
    ['no images', 'found [0, 3072]'],
    ['no array', "must have a numpy array as 'data', found another value"],
    ['labels as an array', 'must have a list of labels, found another value'],
    ['protocol 0', 'its pickle has the operation'],
    ['CIFAR-100', 'must have the key "labels", found "batch_label", "data", "filenames", "coarse_labels"'],
  ])('refuses and explains: %s', (name, problem) => {
    expect(() => parse(fileOf(name))).toThrow(coded('DATA_INVALID', problem));
    expect(() => parse(fileOf(name))).toThrow(
      /^data_batch_2 .*CIFAR-10 Python version: download or unpack it again\.$/,
    );
  });

  it('refuses a batch of CIFAR-10 as CIFAR-100', () => {
    expect(() => parse(fileOf('Python 2'), CIFAR100, 1)).toThrow(
      coded('DATA_INVALID', 'must have the key "coarse_labels"'),
    );
  });

  it('refuses what is no pickle, and one that is cut off anywhere', () => {
    const texts = ['', '<html></html>', 'not a pickle'].map((text) => new TextEncoder().encode(text));
    for (const bytes of texts) expect(() => parse(bytes)).toThrow(coded('DATA_INVALID'));
    const whole = fileOf('Python 2');
    for (let length = 0; length < whole.length; length += 97) {
      expect(() => parse(whole.subarray(0, length))).toThrow(coded('DATA_INVALID', 'damaged or cut off'));
    }
  });

  it('names a label that is none, by its index', () => {
    const bytes = fileOf('Python 2').slice();
    const labels = Buffer.from(bytes).indexOf(Buffer.from([0x28, 0x4b, 3, 0x4b, 9, 0x65]));
    bytes[labels + 4] = 10;
    expect(() => parse(bytes)).toThrow(
      coded('DATA_INVALID', 'must have labels from 0 to 9, found 10 at index 1'),
    );
    // A label less.
    const fewer = Uint8Array.from([...bytes.subarray(0, labels + 3), ...bytes.subarray(labels + 5)]);
    expect(() => parse(fewer)).toThrow(
      coded('DATA_INVALID', 'must have one of its labels for each of its 2 images, found 1'),
    );
  });
});

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const string = (text: string) => [0x55, text.length, ...ascii(text)];
const pickle = (...parts: number[][]) => Uint8Array.from([0x80, 2, ...parts.flat(), 0x2e]);

describe('a hostile pickle', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'a global',
      pickle(ascii('cos\nsystem\n'), string('rm -rf /'), [0x85, 0x52]),
      'it asks for "os.system". Only plain values and numpy arrays are read, and nothing in a file is run',
    ],
    ['an object', pickle(ascii('cnumpy\nndarray\n'), [0x29, 0x81]), 'operation NEWOBJ'],
    ['an instance', pickle([0x28], string('id'), ascii('ios\nsystem\n')), 'the class "os.system"'],
    ['a persistent id', pickle(string('id'), [0x51]), 'it asks for an object outside of it'],
    ['an inherited name', pickle(ascii('c\nconstructor\n')), '".constructor"'],
    [
      'another codec',
      pickle(ascii('c_codecs\nencode\n'), string('a'), string('zip'), [0x86, 0x52]),
      'encode',
    ],
    ['a buffer elsewhere', pickle([0x97]), 'the operation 0x97'],
    ['a negative length', pickle([0x42, 0xff, 0xff, 0xff, 0xff]), 'a byte string of -1 bytes'],
    ['a huge length', pickle([0x8e, ...new Array(8).fill(0xff)]), 'damaged or cut off'],
    ['a million operations', pickle(new Array(1_000_001).fill(0x5d)), 'more than 1000000 operations'],
    ['a list', pickle([0x5d]), 'must hold a pickled dictionary, found another value'],
    ['no names', pickle([0x7d]), 'must have the key "data", found no names'],
    ['a call of a string', pickle(string('eval'), [0x29, 0x52]), 'damaged'],
  ])('is refused: %s', (_, bytes, problem) => {
    expect(() => parse(bytes)).toThrow(coded('DATA_INVALID', problem));
  });

  it('can not make bytes out of one text over and over', () => {
    const text = 2 ** 20;
    const length = [0, 0, text / 2 ** 16, 0];
    const encode = [0x68, 0, 0x68, 1, 0x68, 2, 0x86, 0x52];
    const bytes = pickle(
      [...ascii('c_codecs\nencode\n'), 0x71, 0],
      [0x58, ...length, ...new Array(text).fill(0x61), 0x71, 1],
      [0x58, 6, 0, 0, 0, ...ascii('latin1'), 0x71, 2, 0x5d, 0x28],
      ...new Array(100_000).fill(encode),
      [0x65],
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(() => parse(bytes)).toThrow(coded('DATA_INVALID'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
  });

  it('is read or refused with a coded error, whatever bytes are changed, left out or added', () => {
    const bytesOf = fc.constantFrom(...[...files.values()].filter((bytes) => bytes.length < 10_000));
    const operations = [
      0x28, 0x29, 0x42, 0x43, 0x52, 0x55, 0x58, 0x5d, 0x61, 0x62, 0x65, 0x68, 0x73, 0x75, 0x86,
    ];
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom(...operations).map((one) => [one]),
    );
    // Half of the changes are made where the pickle is, and not the pixels.
    const position = fc.oneof(
      fc.nat(400),
      fc.nat(10_000),
      fc.nat(400).map((fromEnd) => -1 - fromEnd),
    );
    const change = fc.tuple(position, fc.nat(4), piece);
    let read = 0;
    let refused = 0;
    fc.assert(
      fc.property(bytesOf, fc.array(change, { minLength: 1, maxLength: 4 }), (bytes, changes) => {
        let changed = Array.from(bytes);
        for (const [where, left, added] of changes) changed = changed.toSpliced(where, left, ...added);
        const start = performance.now();
        try {
          const { images, labels, count } = parse(Uint8Array.from(changed));
          expect(images.length).toBe(count * 3072);
          expect(labels.length).toBe(count);
          expect([...labels].every((label) => label < 10)).toBe(true);
          read++;
        } catch (error) {
          if (!ResnetError.is(error) || error.code !== 'DATA_INVALID') throw error;
          expect(error.message.length).toBeLessThan(1500);
          refused++;
        }
        expect(performance.now() - start).toBeLessThan(1000);
      }),
      { numRuns: 1500, seed: 1 },
    );
    expect(read).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});
