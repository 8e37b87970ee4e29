import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coded, temporaryFolder } from '@resnet/testing';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cache } from './cache.js';
import { readParquet } from './read-parquet.js';
import { unpackSnappy } from './snappy.js';
import { checkThrift } from './thrift.js';

// Made by scripts/fixtures/parquet.py: the first pixel of an image tells its index.
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/${name}.parquet`, import.meta.url));
const cifar10 = fixture('cifar10-huggingface');

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

function varInt(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varInt(value >>> 7)];
}

/** A Parquet file of nothing but a footer. */
function fileOf(footer: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
}

/** A new folder with copies of a file under these names. */
async function copies(...names: string[]): Promise<string> {
  const top = join(folder, `${Math.random()}`);
  await mkdir(top);
  for (const name of names) {
    await mkdir(dirname(join(top, name)), { recursive: true });
    await copyFile(cifar10, join(top, name));
  }
  return top;
}

describe('readParquet', () => {
  it("reads Hugging Face's files with their names of classes", async () => {
    const set = await readParquet(cifar10);
    expect([set.name, set.count, set.classes.length, set.classes[9]]).toEqual([cifar10, 250, 10, 'truck']);
    expect([...set.labels]).toEqual(Array.from({ length: 250 }, (_, index) => (index * 7) % 10));
    const images = await Promise.all([249, 0, 99, 100, 200].map((index) => set.read(index)));
    expect(images.map(({ pixels }) => pixels[0])).toEqual([249, 0, 99, 100, 200]);
    expect(images[0]).toMatchObject({ height: 2, width: 3, channels: 3 });
    const bytes = await set.encoded!(3);
    (bytes as Uint8Array).fill(0);
    expect((await set.read(3)).pixels[0]).toBe(3);
    await expect(set.read(250)).rejects.toThrow(coded('OPTION_INVALID', 'found 250'));
  });

  it('reads the footer, the labels and the images that are asked for, not the whole file', async () => {
    const bytes = await readFile(cifar10);
    const damaged = join(folder, 'damaged.parquet');
    const { row_groups } = parquetMetadata(new Uint8Array(bytes).slice());
    const { data_page_offset, dictionary_page_offset } = row_groups[1]!.columns[0]!.meta_data!;
    bytes.fill(0xff, Number(dictionary_page_offset ?? data_page_offset), Number(data_page_offset) + 20);
    await writeFile(damaged, bytes);
    const set = await readParquet(damaged);
    expect((await set.read(99)).pixels[0]).toBe(99);
    await expect(set.read(100)).rejects.toThrow(coded('DATA_INVALID', 'damaged.parquet'));
    expect((await set.read(200)).pixels[0]).toBe(200);
  });

  it('takes the column of labels that is asked for', async () => {
    const path = fixture('cifar100-huggingface');
    const fine = await readParquet(path);
    expect([fine.classes.length, ...fine.labels]).toEqual([100, 99, 0, 5, 5, 42, 7]);
    const coarse = await readParquet(path, { label: 'coarse_label' });
    expect([coarse.classes[19], ...coarse.labels]).toEqual(['coarse 19', 19, 0, 1, 1, 8, 2]);
    await expect(readParquet(path, { label: 'corse_label' })).rejects.toThrow(
      coded('UNKNOWN_NAME', "Did you mean 'coarse_label'?"),
    );
  });

  it.each(['version2', 'snappy2'])('reads what others write: %s', async (name) => {
    const set = await readParquet(fixture(name));
    expect([set.classes, [...set.labels]]).toEqual([
      ['0', '1', '2'],
      [2, 0, 1, 1, 2],
    ]);
    for (let index = 0; index < 5; index++) {
      const { pixels, height, width } = await set.read(index);
      expect([pixels[0], height, width]).toEqual([index, 3 + index, 4]);
    }
  });

  it('reads shards in the order of their names, one part of a folder', async () => {
    const shards = ['train-00001-of-00002.parquet', 'train-00000-of-00002.parquet'];
    const top = await copies(...shards, 'test-00000-of-00001.parquet');
    const train = await readParquet(top, { part: 'train' });
    expect([train.count, train.labels[249], train.labels[250]]).toEqual([500, 3, 0]);
    expect((await train.read(251)).pixels[0]).toBe(1);
    expect((await readParquet(top, { part: 'test' })).count).toBe(250);
    expect((await readParquet(shards.map((name) => join(top, name)))).count).toBe(500);
    expect((await readParquet(await copies('0000.parquet', '0001.parquet'))).count).toBe(500);
    // Only the folder's name can tell of what part these are.
    const numbered = await copies('train/0000.parquet');
    expect((await readParquet(join(numbered, 'train'), { part: 'train' })).count).toBe(250);
    await expect(readParquet(join(numbered, 'train'), { part: 'test' })).rejects.toThrow(
      coded('UNKNOWN_NAME'),
    );
    await expect(readParquet(top)).rejects.toThrow(coded('OPTION_INVALID', 'test, train'));
    await expect(readParquet(top, { part: 'tran' })).rejects.toThrow(coded('UNKNOWN_NAME', "'train'"));
    await expect(readParquet(await copies(shards[0]!))).rejects.toThrow(coded('DATA_MISSING', '2 shards'));
    await expect(readParquet(cifar10, { part: 'train' })).rejects.toThrow(coded('OPTION_INVALID', 'part'));
    await expect(readParquet(await copies())).rejects.toThrow(coded('DATA_MISSING', '.parquet'));
  });

  it('names images that are not there', async () => {
    const set = await readParquet(fixture('missing'));
    expect((await set.read(0)).pixels[0]).toBe(0);
    await expect(set.read(1)).rejects.toThrow(coded('IMAGE_INVALID', "row 1 of '"));
    await expect(set.read(2)).rejects.toThrow(coded('IMAGE_INVALID', 'embedded'));
  });

  it('says what it cannot read', async () => {
    await expect(readParquet(fixture('zstd'))).rejects.toThrow(coded('DATA_INVALID', 'ZSTD'));
    await expect(readParquet(fixture('no-images'))).rejects.toThrow(coded('DATA_INVALID', 'text'));
    await expect(readParquet(fixture('unlabeled'))).rejects.toThrow(coded('DATA_INVALID', 'no labels'));
    await expect(readParquet(fixture('none'))).rejects.toThrow(coded('DATA_MISSING', 'none'));
    await expect(readParquet([])).rejects.toThrow(coded('OPTION_INVALID', 'source'));
    await expect(readParquet([cifar10, fixture('cifar100-huggingface')])).rejects.toThrow(
      coded('DATA_INVALID', 'one data set'),
    );
  });
});

describe('files from strangers', () => {
  /** Reads all that a file has. */
  async function readWhole(bytes: Uint8Array): Promise<void> {
    const path = join(folder, 'stranger.parquet');
    await writeFile(path, bytes);
    const set = await readParquet(path);
    for (let index = 0; index < Math.min(set.count, 10); index++) await set.encoded!(index);
  }

  it('are read whole, or refused with a code, wherever they are cut off', async () => {
    for (const name of ['version2', 'cifar100-huggingface']) {
      const bytes = await readFile(fixture(name));
      for (let length = 0; length < bytes.length; length += 37) {
        await expect(readWhole(bytes.subarray(0, length))).rejects.toThrow(coded('DATA_INVALID'));
      }
    }
  });

  it.each([
    ['empty structures', 0x1c, 0x00],
    ['empty lists', 0x19, 0x0c],
    ['empty texts', 0x18, 0x00],
    ['numbers', 0x15, 0x02],
  ])('take no memory for a footer of millions of %s', async (_, field, value) => {
    const count = 2 ** 23 - 100;
    // A list, the first field, of so many values; and as many fields of one structure.
    const list = Buffer.alloc(count + 8, value);
    list.set([0x19, 0xf0 | (field & 0x0f), ...varInt(count)]);
    list.set([0], list.length - 1);
    const fields = Buffer.alloc(2 * (count >> 1) + 1);
    for (let position = 0; position < fields.length - 1; position += 2) fields.set([field, value], position);
    const before = performance.now();
    const { heapUsed } = process.memoryUsage();
    for (const footer of [list, fields]) {
      await expect(readWhole(fileOf(footer))).rejects.toThrow(coded('DATA_INVALID', 'values in it'));
    }
    expect(performance.now() - before).toBeLessThan(5000);
    expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(2 ** 28);
  });

  it('have no more rows than bytes', async () => {
    // hyparquet's own numbers of fields: schema, rows, groups, each of which has columns and rows.
    const name = (text: string) => [0x18, text.length, ...Buffer.from(text)];
    const root = [...[0x48], ...name('root').slice(1), 0x15, 2, 0];
    const group = [0x19, 0x0c, 0x26, ...varInt(2 * 2 ** 20), 0];
    const groups = Array.from({ length: 60 }, () => group).flat();
    const footer = [0x15, 2, 0x19, 0x1c, ...root, 0x16, 0, 0x19, 0xfc, 60, ...groups, 0];
    await expect(readWhole(fileOf(Buffer.from(footer)))).rejects.toThrow(coded('DATA_INVALID', 'rows in'));
  });

  it('make nothing of the sizes that they announce', () => {
    // A list of 2³¹ − 1 structures, and lists in lists.
    const list = Uint8Array.of(0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0);
    expect(() => checkThrift(new DataView(list.buffer))).toThrow('a list of');
    const nested = new Uint8Array(1000).fill(0x19);
    expect(() => checkThrift(new DataView(nested.buffer))).toThrow('nested too deeply');
    expect(() => unpackSnappy(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 0), 2 ** 31 - 1)).toThrow(
      'said to be',
    );
  });
});

describe('unpackSnappy', () => {
  it('unpacks literals and copies, also of what is being written', () => {
    // 'ab', then nine bytes from two back; then the last four again, by the long forms.
    const packed = Uint8Array.of(15, 0x04, 97, 98, (9 - 4) * 4 + 1, 2, 3 * 4 + 2, 4, 0);
    expect(Buffer.from(unpackSnappy(packed, 15)).toString()).toBe('abababababababa');
    const long = Uint8Array.from({ length: 300 }, (_, index) => index % 251);
    const literal = Uint8Array.of(0xac, 0x02, 61 << 2, 299 & 255, 299 >> 8, ...long);
    expect(unpackSnappy(literal, 300)).toEqual(long);
  });

  it.each([
    ['an end that is missing', [4, 0x0c, 1, 2]],
    ['a copy from before the start', [6, 0x04, 1, 2, 1, 3]],
    ['a copy from nowhere', [6, 0x04, 1, 2, 1, 0]],
    ['a length that would go backwards', [6, 63 << 2, 0xfa, 0xff, 0xff, 0xff, 1, 2]],
    ['too few bytes', [6, 0x04, 1, 2]],
    ['another size', [7, 0x04, 1, 2]],
  ])('refuses %s', (_, bytes) => {
    expect(() => unpackSnappy(Uint8Array.from(bytes), 6)).toThrow();
  });
});

describe('cache', () => {
  it('loads one at a time and keeps what was used last, as long as it fits', async () => {
    const loads: string[] = [];
    let running = 0;
    const get = cache(async (key) => {
      expect(++running).toBe(1);
      loads.push(key);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      if (key === 'broken') throw new Error('broken');
      return { value: key.toUpperCase(), bytes: 4 };
    }, 10);
    expect(await Promise.all(['a', 'b', 'a'].map(get))).toEqual(['A', 'B', 'A']);
    await expect(get('broken')).rejects.toThrow('broken');
    await get('a');
    await get('c');
    expect(await get('a')).toBe('A');
    await get('b');
    expect(loads).toEqual(['a', 'b', 'broken', 'c', 'b']);
  });
});
