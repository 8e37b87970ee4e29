import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, inflateSync } from 'node:zlib';
import { coded, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDevelopmentKitIds } from './development-kit.js';

// Made by scripts/fixtures/imagenet-meta.py.
const meta = fileURLToPath(new URL('../../fixtures/imagenet-meta.mat', import.meta.url));

let path: string;
let remove: () => Promise<void>;
/** The fixture with its array not compressed, as MATLAB can also save it. */
let plain: Buffer;
beforeAll(async () => {
  const temporary = await temporaryFolder();
  path = join(temporary.folder, 'meta.mat');
  remove = temporary.remove;
  const packed = await readFile(meta);
  plain = Buffer.concat([packed.subarray(0, 128), inflateSync(packed.subarray(136))]);
});
afterAll(() => remove());

describe('readDevelopmentKitIds', () => {
  const expected = new Map([
    [1, 'n02119789'],
    [2, 'n02100735'],
    [3, 'n02110185'],
    [4, 'n02096294'],
    [1001, 'n00001740'],
  ]);

  it('reads the numbers of classes, compressed or not', async () => {
    expect(await readDevelopmentKitIds(meta)).toEqual(expected);
    await writeFile(path, plain);
    expect(await readDevelopmentKitIds(path)).toEqual(expected);
  });

  it('refuses a file that is cut off', async () => {
    for (let length = 0; length < plain.length; length += 61) {
      await writeFile(path, plain.subarray(0, length));
      await expect(readDevelopmentKitIds(path)).rejects.toThrow(coded('DATA_INVALID'));
    }
  });

  it.each<[string, () => Buffer]>([
    [
      'many parts that are little packed',
      () => Buffer.concat([head(), ...new Array(900).fill(zeros(2 ** 24))]),
    ],
    ['many parts that are packed to more than they may', () => Buffer.concat([head(), zeros(2 ** 25)])],
    ['millions of empty parts', () => Buffer.concat([head(), Buffer.alloc(2 ** 22 - 200)])],
    ['a structure of millions of fields', () => Buffer.concat([head(), structureOf(1, 2 ** 21)])],
    ['a field of a name without end', () => Buffer.concat([head(), structureOf(2 ** 21, 1)])],
  ])('is done soon with a file of %s', async (_, make) => {
    await writeFile(path, make());
    const before = performance.now();
    const { rss } = process.memoryUsage();
    await expect(readDevelopmentKitIds(path)).rejects.toThrow(coded('DATA_INVALID'));
    expect(performance.now() - before).toBeLessThan(2000);
    expect(process.memoryUsage().rss - rss).toBeLessThan(2 ** 28);
  });

  const head = () => plain.subarray(0, 128);
  const int32 = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);

  /** A compressed element of so many zeros. */
  function zeros(bytes: number): Buffer {
    const packed = deflateSync(new Uint8Array(bytes), { level: 9 });
    return Buffer.concat([int32(15, packed.length), packed]);
  }

  /** A matrix of structures: flags, dimensions, name, the width of the fields' names, the names. */
  function structureOf(width: number, fields: number): Buffer {
    const parts = [int32(6, 8, 2, 0), int32(5, 8, 1, 1), int32(1, 0), int32(5, 4, width, 0)];
    const contents = Buffer.concat([...parts, int32(1, width * fields), Buffer.alloc(width * fields, 'a')]);
    return Buffer.concat([int32(14, contents.length), contents]);
  }
});
