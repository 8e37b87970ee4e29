import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { coded, madeSet, temporaryFolder } from '../test-support.js';
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
function read(bytes: Uint8Array, pieceBytes = 1000): Promise<ShardSample[]> {
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += pieceBytes)
      yield bytes.slice(start, start + pieceBytes);
  }
  return collected(readSamples(pieces(), 'made.tar'));
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
    ['no class for a', [file('a.jpg', 'x'), file('b.cls', '1'), file('b.jpg', 'x')]],
    ['no image for a', [file('a.cls', '1')]],
    ["'seven' as the class of a", [file('a.jpg', 'x'), file('a.cls', 'seven')]],
    ["'-1' as the class of a", [file('a.jpg', 'x'), file('a.cls', '-1')]],
    ['two images for a', [file('a.jpg', 'x'), file('a.png', 'y')]],
    ['of 100 bytes, more than 32', [file('a.jpg', 'x'), file('a.cls', '1'.repeat(100))]],
  ])('refuses %s', async (found, entries) => {
    await expect(read(await packTar(entries))).rejects.toThrow(coded('DATA_INVALID', found));
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
          for (const [place, value] of changes) broken[place % Math.max(1, broken.length)] = value;
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
