import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { coded, temporaryFolder } from '@resnet/testing';
import { packTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCifar10 } from '../cifar/read-cifar.js';
import { readSamples } from '../shards/read-samples.js';
import { readTar } from './tar.js';

async function* piecesOf(bytes: Uint8Array, size = 1000) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}

/** A header of ustar's form, with a checksum, and its contents in whole blocks. */
function entry(type: string, contents: Uint8Array, size = contents.length): Buffer {
  const header = Buffer.alloc(512);
  header.write('x', 0);
  header.write(size.toString(8).padStart(11, '0'), 124);
  header.write(`        ${type}`, 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, contents, Buffer.alloc(-contents.length & 511)]);
}

const end = Buffer.alloc(1024);
const text = (content: string) => new TextEncoder().encode(content);

/** Records whose lengths a lenient reader takes for 2, of any number of bytes. */
const slowPax = (bytes: number) => entry('x', text('2x'.repeat(bytes / 2)));

describe('readTar', () => {
  it('reads what others pack, in chunks of any size', async () => {
    const long = `${'a folder/'.repeat(40)}é.txt`;
    const bytes = await packTar([
      { header: { name: 'd/', size: 0, type: 'directory' } },
      { header: { name: long, size: 600, pax: { comment: 'a\nb' } }, body: new Uint8Array(600).fill(7) },
      { header: { name: 'link', size: 0, type: 'symlink', linkname: long } },
      { header: { name: 'empty', size: 0 } },
    ]);
    for (const size of [1, 511, 512, 513, 1e6]) {
      const found: unknown[] = [];
      for await (const { name, kind, size: bytesOf, read } of readTar(piecesOf(bytes, size))) {
        found.push([name, kind, bytesOf, (await read(599)).length]);
      }
      expect(found).toEqual([
        ['d/', 'folder', 0, 0],
        [long, 'file', 600, 599],
        ['link', 'other', 0, 0],
        ['empty', 'file', 0, 0],
      ]);
    }
  });

  it("reads GNU's long names and binary sizes", async () => {
    const file = entry('0', text('contents'));
    file.set([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8], 124);
    file.write('        ', 148);
    const sum = file.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    file.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const name = 'n'.repeat(300);
    const bytes = Buffer.concat([entry('L', text(`${name}\0`)), file, end]);
    for await (const found of readTar(piecesOf(bytes))) {
      expect([found.name, new TextDecoder().decode(await found.read(99))]).toEqual([name, 'contents']);
    }
  });

  it.each<[string, Buffer]>([
    ['a pax header of no records', slowPax(2 ** 20)],
    ['a pax header of 8 MiB', slowPax(2 ** 23)],
    ['a pax header that counts nothing', entry('x', text('0 a=b\n'))],
    ['a pax header that counts too much', entry('x', text('999999999999 a=b\n'))],
    ['a size that is no number', entry('x', text('15 size=0x1000\n'))],
    ['an endless name', entry('L', new Uint8Array(2 ** 19).fill(0x61))],
    ['a file of more bytes than there are', entry('0', text('x'), 2 ** 32)],
    ['nothing but headers', Buffer.concat(Array.from({ length: 20_000 }, () => entry('x', text(''))))],
  ])('is done soon, and in little memory, with %s', async (_, bytes) => {
    const before = performance.now();
    const { arrayBuffers } = process.memoryUsage();
    const read = async () => {
      for await (const { read, size } of readTar(piecesOf(bytes, 2 ** 17))) await read(size);
    };
    await expect(read()).rejects.toThrow(/\S/);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(4 * bytes.length + 2 ** 25);
  });
});

describe('a pax header that would hold the process', () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
  });
  afterAll(() => remove());

  it('is refused in an archive of a few hundred bytes', async () => {
    const bytes = gzipSync(Buffer.concat([slowPax(2 ** 18), end]), { level: 9 });
    expect(bytes.length).toBeLessThan(500);
    const path = join(folder, 'cifar-10-binary.tar.gz');
    await writeFile(path, bytes);
    const before = performance.now();
    await expect(readCifar10(path, 'train')).rejects.toThrow(coded('DATA_INVALID', 'Invalid pax header'));
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('is refused in a shard', async () => {
    const before = performance.now();
    const read = async () => {
      for await (const _ of readSamples(piecesOf(Buffer.concat([slowPax(2 ** 18), end])), 'made.tar'));
    };
    await expect(read()).rejects.toThrow(coded('DATA_INVALID', 'Invalid pax header'));
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
