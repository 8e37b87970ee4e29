import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { coded, madeSet, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageFolder } from '../folders/image-folder.js';
import type { Batch } from '../loading/batch.js';
import { type LoaderOptions, loader } from '../loading/loader.js';
import type { StreamedDataset } from '../sets/dataset.js';
import { imageAt } from '../sets/image-set.js';
import { cifarAugmentation } from '../transforms/augmentations.js';
import { readSamples, type ShardSample } from './read-samples.js';
import { tarShards } from './tar-shards.js';
import { writeShards } from './write-shards.js';

const set = madeSet({ count: 43, height: 6, width: 6 });

let top: string;
let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder: top, remove } = await temporaryFolder());
  folder = join(top, 'shards');
  await writeShards(set, folder, { imagesPerShard: 10, seed: 2 });
});
afterAll(() => remove());

let names = 0;
const fresh = () => join(top, `folder${names++}`);

async function batchesOf(
  data: StreamedDataset,
  options: Partial<LoaderOptions> = {},
  epoch = 0,
  startBatch = 0,
) {
  const made = loader(data, { batchSize: 4, shuffle: true, seed: 5, ...options });
  const batches: Batch[] = [];
  try {
    for await (const batch of made.epoch(epoch, startBatch)) batches.push(batch);
  } finally {
    made.close();
  }
  return batches;
}

/** The indices in `set` of the images of batches. */
function placesOf(batches: Batch[]): number[] {
  const size = 6 * 6 * 3;
  const known = new Map(
    Array.from({ length: 43 }, (_, index) => [String(imageAt(set, index).pixels), index]),
  );
  return batches.flatMap(({ images, labels, count }) =>
    Array.from({ length: count }, (_, position) => {
      const index = known.get(String(images.subarray(position * size, (position + 1) * size)))!;
      expect(labels[position]).toBe(set.labels[index]);
      return index;
    }),
  );
}

/** A BMP of one gray pixel. */
function bmpOfOne(gray: number): Buffer {
  const bytes = Buffer.alloc(58);
  bytes.write('BM');
  for (const [position, value] of [
    [10, 54],
    [14, 40],
    [18, 1],
    [22, 1],
  ] as const)
    bytes.writeUInt32LE(value, position);
  bytes.writeUInt16LE(24, 28);
  return bytes.fill(gray, 54, 57);
}

const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, position) => position);

describe('tarShards and writeShards', () => {
  it('keep every image once, with its class, in random order', async () => {
    expect((await readdir(folder)).sort()).toEqual([
      'index.json',
      ...upTo(5).map((shard) => `shard-00000${shard}.tar`),
    ]);
    const data = await tarShards(folder, { bufferSize: 7 });
    expect(data).toMatchObject({ count: 43, classes: set.classes, name: folder });
    const plain = placesOf(await batchesOf(data, { shuffle: false }));
    expect(ascending(plain)).toEqual(upTo(43));
    expect(plain).not.toEqual(upTo(43));
    const [first, again, other] = [
      placesOf(await batchesOf(data)),
      placesOf(await batchesOf(data)),
      placesOf(await batchesOf(data, {}, 1)),
    ];
    expect(ascending(first)).toEqual(upTo(43));
    expect(again).toEqual(first);
    expect(ascending(other)).toEqual(upTo(43));
    expect(other).not.toEqual(first);
    expect(plain).not.toEqual(first);
  });

  it('give the same batches to any number of workers, from the start or the middle', async () => {
    const data = await tarShards(folder, { bufferSize: 7 });
    const options = { transform: cifarAugmentation() };
    const expected = await batchesOf(data, options, 2);
    for (const workers of [0, 1, 2, 4]) {
      for (const startBatch of [0, 1, 6, 11]) {
        expect(await batchesOf(data, { ...options, workers }, 2, startBatch)).toEqual(
          expected.slice(startBatch),
        );
      }
    }
  });

  it('are shared by machines: as many images for each, none twice', async () => {
    const data = await tarShards(folder, { bufferSize: 7 });
    for (const epoch of [0, 1, 2]) {
      const parts = [];
      for (const rank of [0, 1])
        parts.push(placesOf(await batchesOf(data, { shard: [rank, 2], batchSize: 3 }, epoch)));
      expect(parts.map(({ length }) => length)).toEqual([13, 13]);
      expect(new Set(parts.flat()).size).toBe(26);
    }
    await expect(batchesOf(data, { shard: [0, 6] })).rejects.toThrow(coded('OPTION_INVALID', 'world'));
  });

  it('count shards that have no index', async () => {
    const copy = fresh();
    await mkdir(copy);
    for (const name of await readdir(folder)) {
      if (name !== 'index.json') await writeFile(join(copy, name), await readFile(join(folder, name)));
    }
    const counted: string[] = [];
    const data = await tarShards(copy, {
      bufferSize: 7,
      onProgress: (done, all) => counted.push(`${done}/${all}`),
    });
    expect(data).toMatchObject({ count: 43, classes: ['0', '1', '2'] });
    expect(counted).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
    expect(await batchesOf(data)).toEqual(await batchesOf(await tarShards(folder, { bufferSize: 7 })));
  });

  it('reads one part of a folder with several, with an index or without, and tells what else is there', async () => {
    const [parts, copy] = [fresh(), fresh()];
    await mkdir(parts);
    const names = ['imagenet1k-train-0000.tar', 'imagenet1k-train-0001.tar', 'imagenet1k-validation-00.tar'];
    for (const [position, name] of names.entries()) {
      await writeFile(join(parts, name), await readFile(join(folder, `shard-00000${position}.tar`)));
    }
    await writeFile(join(parts, 'notes.txt'), 'a text');
    await expect(tarShards(parts)).rejects.toThrow(
      coded('OPTION_INVALID', 'several parts: imagenet1k-train, imagenet1k-validation. Choose one'),
    );
    for (const part of ['train', 'imagenet1k-train']) {
      expect((await tarShards(parts, { part })).count).toBe(20);
    }
    const validation = await tarShards(parts, { part: 'Validation' });
    expect(validation.count).toBe(10);
    expect(validation.ignored).toEqual([{ reason: 'beside the shards', count: 1, examples: ['notes.txt'] }]);
    const third = new Set(
      placesOf(await batchesOf(await tarShards(folder), { shuffle: false })).slice(20, 30),
    );
    expect(new Set(placesOf(await batchesOf(validation)))).toEqual(third);
    await expect(tarShards(parts, { part: 'val' })).rejects.toThrow(coded('UNKNOWN_NAME', "part 'val'"));
    await expect(tarShards(parts, { part: 'imagenet1k' })).rejects.toThrow(
      coded('OPTION_INVALID', 'whole name'),
    );

    const shardlist = names.slice(0, 2).map((url) => ({ url, nsamples: 10 }));
    const index = (list: object[]) => JSON.stringify({ shardlist: list, classes: set.classes });
    await writeFile(join(parts, 'index.json'), index(shardlist));
    const listed = await tarShards(parts);
    expect(listed).toMatchObject({
      count: 20,
      ignored: [{ reason: 'not in index.json', count: 1, examples: [names[2]] }],
    });
    await writeFile(join(parts, 'index.json'), index([...shardlist, { url: names[2], nsamples: 10 }]));
    await expect(tarShards(parts)).rejects.toThrow(coded('OPTION_INVALID', 'several parts'));
    expect((await tarShards(parts, { part: 'validation' })).count).toBe(10);

    await mkdir(copy);
    for (const name of ['train.tar', 'test.tar']) {
      await writeFile(join(copy, name), await readFile(join(folder, 'shard-000000.tar')));
    }
    await expect(tarShards(copy)).rejects.toThrow(coded('OPTION_INVALID', 'test, train'));
    expect((await tarShards(copy, { part: 'test' })).count).toBe(10);
    for (const name of ['train.tar', 'test.tar']) await rm(join(copy, name));
    await writeFile(join(copy, 'train-00000-of-00002.tar'), await readFile(join(folder, 'shard-000000.tar')));
    await expect(tarShards(copy)).rejects.toThrow(coded('DATA_MISSING', 'all 2 shards'));
  });

  it('keep image files as they are', async () => {
    const [images, shards] = [fresh(), fresh()];
    const bytes: Buffer[] = [];
    for (const [position, name] of ['a', 'b'].entries()) {
      await mkdir(join(images, name), { recursive: true });
      const shard = fileChunks(join(folder, `shard-00000${position}.tar`));
      const { encoded } = (await collected(readSamples(shard, 'shard')))[0]!;
      bytes.push(Buffer.from(encoded));
      await writeFile(join(images, name, 'image.PNG'), encoded);
    }
    await writeShards(await imageFolder(images), shards);
    const samples = await collected(readSamples(fileChunks(join(shards, 'shard-000000.tar')), 'shard'));
    expect(samples.map(({ label }) => label).sort()).toEqual([0, 1]);
    for (const { encoded, label } of samples) expect(Buffer.from(encoded)).toEqual(bytes[label]);
  });

  it('keep formats that sharp does not know', async () => {
    const [images, shards] = [fresh(), fresh()];
    const files = {
      'x.bmp': bmpOfOne(7),
      'y.ppm': Buffer.from('P6 1 1 255 \x01\x02\x03'),
      'z.pgm': Buffer.from('P2 1 1 255 9 '),
    };
    await mkdir(join(images, 'a'), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(images, 'a', name), bytes);
    await writeShards(await imageFolder(images), shards);
    const batches = await batchesOf(await tarShards(shards), { shuffle: false, batchSize: 3 });
    const pixels = [0, 1, 2].map((position) => [
      ...batches[0]!.images.subarray(3 * position, 3 * position + 3),
    ]);
    expect(pixels.sort(([a], [b]) => a! - b!)).toEqual([
      [1, 2, 3],
      [7, 7, 7],
      [9, 9, 9],
    ]);
  });

  it('go on where writing was interrupted, and never mix sets', async () => {
    const target = fresh();
    const stop = new AbortController();
    const options = { imagesPerShard: 10, seed: 2 };
    const onProgress = (written: number) => written === 25 && stop.abort();
    await expect(writeShards(set, target, { ...options, onProgress, signal: stop.signal })).rejects.toThrow(
      coded('ABORTED'),
    );
    expect((await readdir(target)).sort()).toEqual([
      '.unfinished.json',
      'shard-000000.tar',
      'shard-000001.tar',
    ]);
    await expect(writeShards(set, target, { ...options, seed: 3 })).rejects.toThrow(
      coded('OPTION_INVALID', target),
    );
    const written: number[] = [];
    await writeShards(set, target, { ...options, onProgress: (count) => written.push(count) });
    expect(written[0]).toBe(21);
    for (const name of await readdir(folder)) {
      expect(await readFile(join(target, name))).toEqual(await readFile(join(folder, name)));
    }
    expect(await readdir(target)).toEqual(await readdir(folder));
    await expect(writeShards(set, target, options)).rejects.toThrow(coded('OPTION_INVALID', 'already holds'));
    await writeFile(join(top, 'file'), '');
    await expect(writeShards(set, join(top, 'file'), options)).rejects.toThrow(coded('FILE_UNWRITABLE'));
  });

  it('are written by one at a time, which removes what a killed one has left, and nothing else', async () => {
    const target = fresh();
    await mkdir(target);
    const hex = '0123456789abcdef';
    const theirs = [`.notes.tar.${hex}.tmp`, '.shard-000000.tar.tmp', 'notes.txt'];
    for (const name of [...theirs, `.shard-000000.tar.${hex}.tmp`]) await writeFile(join(target, name), '');
    const options = { imagesPerShard: 10, seed: 2 };
    const both = await Promise.allSettled([
      writeShards(set, target, options),
      writeShards(set, target, options),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'FILE_BUSY' } });
    expect((await readdir(target)).sort()).toEqual([...theirs, ...(await readdir(folder))].sort());
    for (const name of await readdir(folder)) {
      expect(await readFile(join(target, name))).toEqual(await readFile(join(folder, name)));
    }
  });

  it('replace no journal of another kind', async () => {
    const target = fresh();
    await mkdir(target);
    await writeFile(join(target, '.unfinished.json'), 'theirs');
    await expect(writeShards(set, target)).rejects.toThrow(coded('OPTION_INVALID', '.unfinished.json'));
    expect(await readFile(join(target, '.unfinished.json'), 'utf8')).toBe('theirs');
  });

  it('say what is missing or does not fit', async () => {
    await expect(tarShards(fresh())).rejects.toThrow(coded('DATA_MISSING', 'folder'));
    const empty = fresh();
    await mkdir(empty);
    await expect(tarShards(empty)).rejects.toThrow(coded('DATA_MISSING', 'resnet data shard'));
    const write = (index: object) => writeFile(join(empty, 'index.json'), JSON.stringify(index));
    await writeFile(join(empty, 'a.tar'), await readFile(join(folder, 'shard-000001.tar')));
    await write({ shardlist: [{ url: 'a.tar', nsamples: 10 }] });
    await expect(tarShards(empty)).rejects.toThrow(coded('OPTION_INVALID', 'classes'));
    const classes = ['a', 'b', 'c'];
    expect(placesOf(await batchesOf(await tarShards(empty, { classes }))).length).toBe(10);
    await expect(tarShards(empty, { classes: ['a', 'b'] }).then((data) => batchesOf(data))).rejects.toThrow(
      coded('DATA_INVALID', 'from 0 to 1, found 2'),
    );
    for (const [nsamples, found] of [
      [9, 'found more'],
      [11, 'found 10'],
    ] as const) {
      await write({ shardlist: [{ url: 'a.tar', nsamples }], classes });
      await expect(tarShards(empty).then((data) => batchesOf(data))).rejects.toThrow(
        coded('DATA_INVALID', found),
      );
    }
    await write({ shardlist: [{ url: 'b.tar', nsamples: 1 }], classes });
    await expect(tarShards(empty)).rejects.toThrow(coded('DATA_MISSING', 'b.tar'));
    await rm(join(empty, 'index.json'));
    await writeFile(join(empty, 'b.tar'), 'no tar');
    await expect(tarShards(empty)).rejects.toThrow(coded('DATA_INVALID', 'b.tar'));
  });
});

describe('shards over HTTP', () => {
  let server: Server;
  let address: string;
  let asked: string[];
  /** After so many bytes of a tar, the connection is cut. */
  let cutAfter = Number.POSITIVE_INFINITY;
  beforeAll(async () => {
    server = createServer(async ({ url, headers }, response) => {
      const name = url!.slice(1);
      asked.push(`${name} ${headers.range ?? ''}`);
      const bytes = await readFile(join(folder, name)).catch(() => undefined);
      if (!bytes) return response.writeHead(404).end();
      const start = Number(/\d+/.exec(headers.range ?? '0')![0]);
      const rest = bytes.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        'Content-Length': rest.length,
        ...(start > 0 ? { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
      });
      if (name.endsWith('.tar') && rest.length > cutAfter) {
        return response.write(rest.subarray(0, cutAfter), () => response.destroy());
      }
      return response.end(rest);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('are the same as from a folder, and go on where a connection is cut', async () => {
    asked = [];
    const expected = await batchesOf(await tarShards(folder, { bufferSize: 7 }));
    const data = await tarShards(`${address}/index.json`, { bufferSize: 7 });
    expect(data.name).toBe(address);
    expect(await batchesOf(data)).toEqual(expected);
    expect(asked.length).toBe(6);
    cutAfter = 9_000;
    asked = [];
    expect(await batchesOf(data, { workers: 1 })).toEqual(expected);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.some((request) => request.includes('bytes='))).toBe(true);
    cutAfter = Number.POSITIVE_INFINITY;
  }, 60_000);

  it('are not fetched again before the position that an epoch resumes from', async () => {
    const data = await tarShards(`${address}/index.json`, { bufferSize: 1 });
    asked = [];
    expect((await batchesOf(data, {}, 0, 9)).length).toBe(2);
    expect(new Set(asked.map((request) => request.split(' ')[0])).size).toBeLessThanOrEqual(2);
  });

  it('say what is not there', async () => {
    await expect(tarShards(`${address}/other.json`)).rejects.toThrow(coded('DATA_MISSING', 'other.json'));
  });
});

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  yield await readFile(path);
}

async function collected(samples: AsyncIterable<ShardSample>): Promise<ShardSample[]> {
  const list: ShardSample[] = [];
  for await (const sample of samples) list.push(sample);
  return list;
}
