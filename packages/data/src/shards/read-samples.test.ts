import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coded, madeSet, temporaryFolder } from '@resnet/testing';
import fc from 'fast-check';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { IgnoredFilesCounter } from '../folders/ignored-files.js';
import { readSamples, type ShardSample } from './read-samples.js';
import { writeShards } from './write-shards.js';

/** A shard of ten small images. */
async function madeShard(): Promise<Uint8Array> {
  const { folder, remove } = await temporaryFolder();
  try {
    await writeShards(madeSet({ count: 10, height: 6, width: 6 }), join(folder, 'shards'));
    return new Uint8Array(await readFile(join(folder, 'shards', 'shard-000000.tar')));
  } finally {
    await remove();
  }
}

async function collected(samples: AsyncIterable<ShardSample>): Promise<ShardSample[]> {
  const list: ShardSample[] = [];
  for await (const sample of samples) list.push(sample);
  return list;
}

/** Reads a tar that comes in pieces of a size. */
function read(bytes: Uint8Array, pieceBytes = 1000, ignored?: IgnoredFilesCounter): Promise<ShardSample[]> {
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += pieceBytes)
      yield bytes.slice(start, start + pieceBytes);
  }
  return collected(readSamples(pieces(), 'made.tar', ignored));
}

const file = (name: string, text: string) => ({
  header: { name, size: text.length, type: 'file' as const },
  body: text,
});

describe('readSamples', () => {
  it('groups files by name, whatever else is there and wherever they pretend to be', async () => {
    const tar = await packTar([
      { header: { name: 'folder/', size: 0, type: 'directory' } },
      file('../../etc/one.jpg', 'first'),
      file('../../etc/one.cls', ' 7\n'),
      file('../../etc/one.json', '{}'),
      file('two.cls', '0'),
      file('two.seg.png', 'not an image of it'),
      file('two.JPEG', 'second'),
      file('two.depth.tif', 'nor this'),
      { header: { name: 'link.jpg', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
      file('README', 'text'),
      file('\u00fcml\u00e4ut.webp', 'third'),
      file('\u00fcml\u00e4ut.cls', '12'),
    ]);
    const samples = (await read(tar)).map(({ key, label, encoded }) => [
      key,
      label,
      Buffer.from(encoded).toString(),
    ]);
    expect(samples).toEqual([
      ['../../etc/one', 7, 'first'],
      ['two', 0, 'second'],
      ['ümläut', 12, 'third'],
    ]);
  });

  it.each([
    ['no class for a, which has .jpg', [file('a.jpg', 'x'), file('b.cls', '1'), file('b.jpg', 'x')]],
    ['no image for a, which has .cls, .heic', [file('a.cls', '1'), file('a.heic', 'x')]],
    [
      'no image, but 2 ending in .cbor, 1 without an ending',
      [file('a.cbor', 'x'), file('b.cbor', 'x'), file('c', 'x')],
    ],
    [
      'two files that may be the image of x: .left.jpg, .right.jpg',
      [file('x.left.jpg', 'l'), file('x.right.jpg', 'r'), file('x.cls', '1')],
    ],
    [
      'two files that may be the image of img: .1.jpg, .2.jpg',
      [file('img.1.jpg', 'x'), file('img.2.jpg', 'x'), file('img.1.cls', '1'), file('img.2.cls', '1')],
    ],
    ['more than 32 files', Array.from({ length: 40 }, (_, index) => file(`a.${index}.jpg`, 'x'))],
    ["'seven' as the class of a", [file('a.jpg', 'x'), file('a.cls', 'seven')]],
    ["'-1' as the class of a", [file('a.jpg', 'x'), file('a.cls', '-1')]],
    [
      'two files that may be the image of a: .jpg, .png',
      [file('a.jpg', 'x'), file('a.png', 'y'), file('a.cls', '1')],
    ],
    ['of 100 bytes, more than 32', [file('a.jpg', 'x'), file('a.cls', '1'.repeat(100))]],
  ])('refuses %s', async (found, entries) => {
    await expect(read(await packTar(entries))).rejects.toThrow(coded('DATA_INVALID', found));
  });

  it('takes fields of longer names, and keys with points', async () => {
    const tar = await packTar([
      file('x.input.jpg', 'first'),
      file('x.cls', '1'),
      file('photos.2024/img.001.jpg', 'second'),
      file('photos.2024/img.001.cls', '2'),
      file('photos.2024/img.001.json', '{}'),
      file('photos.2024/img.002.cls', '3'),
      file('photos.2024/img.002.jpg', 'third'),
      file('y.image.png', 'fourth'),
      file('y.target.cls', '4'),
    ]);
    const ignored = new IgnoredFilesCounter();
    const samples = await read(tar, 1000, ignored);
    expect(samples.map(({ key, label, encoded }) => [key, label, Buffer.from(encoded).toString()])).toEqual([
      ['x', 1, 'first'],
      ['photos.2024/img.001', 2, 'second'],
      ['photos.2024/img.002', 3, 'third'],
      ['y', 4, 'fourth'],
    ]);
    expect(ignored.list()).toEqual([
      { reason: 'ending in .json', count: 1, examples: ['made.tar: photos.2024/img.001.json'] },
    ]);
  });

  it('answers any damage with an error that says so, or with fewer images', { timeout: 60_000 }, async () => {
    const tar = await madeShard();
    const whole = await read(tar);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { maxLength: 5 }),
        fc.option(fc.nat(tar.length)),
        fc.integer({ min: 1, max: 5000 }),
        async (changes, length, pieceBytes) => {
          const broken = tar.slice(0, length ?? tar.length);
          for (const [position, value] of changes) broken[position % Math.max(1, broken.length)] = value;
          const samples = await read(broken, pieceBytes).catch((error) => {
            expect(error).toEqual(coded('DATA_INVALID', 'made.tar'));
            return [];
          });
          expect(samples.length).toBeLessThanOrEqual(whole.length);
        },
      ),
      { numRuns: 150, seed: 1 },
    );
    for (const length of [1, 511, 512, 700, 5000]) {
      await expect(read(tar.slice(0, length))).rejects.toThrow(coded('DATA_INVALID'));
    }
  });
});
