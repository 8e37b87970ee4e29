import { mkdir, readdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Random, ResnetError } from '@resnet/core';
import { temporaryFolder } from '@resnet/testing';
import { packTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchClasses } from '../sets/match-classes.js';
import { readSamples } from '../shards/read-samples.js';
import { sampleFile } from '../shards/sample-files.js';
import { type ImageFolder, isImageName } from './image-files.js';
import { imageFolder } from './image-folder.js';

const TREES = 5000;
const TARS = 5000;

const random = new Random(20);
const one = <T>(list: readonly T[]): T => list[random.int(list.length)]!;

/** Names that are close to each other, in orders that differ by who sorts them. */
const classNames = [
  'ant',
  'Ant',
  'bee',
  'cat',
  'CAT',
  '0',
  '1',
  '10',
  '2',
  '02',
  'é',
  'e\u0301',
  'z',
  'a b',
  'a_b',
  'train',
].concat(['n01440764', '\uff21', '\u{1f600}', '..a', 'a.jpg', '-', ' ', '__proto__', 'constructor']);
const fileNames = [
  '1.jpg',
  '2.JPEG',
  '10.png',
  'x.bmp',
  'x.ppm',
  'a.tar.webp',
  'notes.txt',
  'x.heic',
  '.DS_Store',
  '._1.jpg',
  'plain',
].concat(['deep/1.png', 'deep/er/2.jpg', 'deep-er/3.gif', 'x.jpg/1.jpg', 'é.png']);

describe('folder trees that were changed at random', () => {
  let top: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ folder: top, remove } = await temporaryFolder());
  });
  afterAll(() => remove());

  const write = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  /** Every file tells the class that its name says. */
  async function fresh(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    for (const name of ['ant', 'bee', 'cat']) {
      for (const file of ['1.jpg', '2.png']) await write(join(folder, name, file), 'an image');
    }
  }

  const changes: ((folder: string, entries: string[]) => Promise<unknown>)[] = [
    (folder) => write(join(folder, one(classNames), one(fileNames)), 'an image'),
    (folder) => write(join(folder, one(classNames), one(fileNames)), 'an image'),
    (folder, entries) => rename(join(folder, one(entries)), join(folder, one(classNames))),
    (folder, entries) => rename(join(folder, one(entries)), join(folder, one(classNames))),
    (folder, entries) => rename(join(folder, one(entries)), join(folder, one(entries), one(classNames))),
    (folder, entries) => rm(join(folder, one(entries)), { recursive: true }),
    (folder) => write(join(folder, one(fileNames)), 'beside'),
    (folder) => mkdir(join(folder, one(classNames))),
    (folder, entries) => symlink(join(folder, one(entries)), join(folder, one(entries), one(classNames))),
    (folder, entries) => symlink(join(folder, one(entries)), join(folder, one(classNames))),
    (folder, entries) =>
      symlink(
        one(['.', '..', '/', 'nowhere', 'nowhere.jpg', top]),
        join(folder, one(entries), one(fileNames)),
      ),
    (folder) => symlink(one(['.', '..', 'nowhere', 'self']), join(folder, one([...classNames, 'self']))),
    (folder, entries) =>
      writeFile(Buffer.concat([Buffer.from(join(folder, one(entries), 'x')), Buffer.from([0xff])]), ''),
  ];

  /** Every image file below the classes that no link is needed for. */
  async function filesOf(folder: string, inner = ''): Promise<string[]> {
    const entries = await readdir(join(folder, inner), { withFileTypes: true });
    const found = entries.map(async (entry) => {
      const path = join(inner, entry.name);
      if (entry.name.startsWith('.')) return [];
      if (entry.isDirectory()) return filesOf(folder, path);
      return entry.isFile() && inner !== '' && isImageName(entry.name) ? [path] : [];
    });
    return (await Promise.all(found)).flat();
  }

  async function check(folder: string, set: ImageFolder): Promise<void> {
    const expected = (await filesOf(folder)).map((path) => join(folder, path));
    const real = new Set<string>();
    for (const [index, path] of set.paths.entries()) {
      const [name] = path.slice(folder.length + 1).split(sep);
      expect(set.classes[set.labels[index]!]).toBe(name);
      real.add(await realpath(path).catch(() => path));
    }
    for (const path of expected) expect(real, `${path} is missing`).toContain(path);
    expect(set.classes).toEqual([...new Set(set.classes)]);
  }

  it(`give coded errors, or each image once more under its own name: ${TREES}`, {
    timeout: 600_000,
  }, async () => {
    const folders = [join(await realpath(top), 'train'), join(await realpath(top), 'val')] as const;
    const sets: (ImageFolder | undefined)[] = [undefined, undefined];
    const counts = { opened: 0, refused: 0, matched: 0, unmatched: 0 };
    let failures = 0;
    for (const folder of folders) await fresh(folder);
    for (let tree = 0; tree < TREES; tree++) {
      const which = random.int(2);
      const folder = folders[which]!;
      const entries = await readdir(folder);
      if (failures > 2 || entries.length === 0 || entries.length > 12) {
        await fresh(folder);
        failures = 0;
      } else {
        // Some can't be, as a name is taken.
        await one(changes)(folder, entries).catch(() => {});
      }
      try {
        const set = await imageFolder(folder);
        sets[which] = set;
        await check(folder, set);
        counts.opened++;
        failures = 0;
      } catch (error) {
        if (!ResnetError.is(error)) throw error;
        expect(['DATA_MISSING', 'DATA_INVALID', 'FILE_UNREADABLE']).toContain(error.code);
        sets[which] = undefined;
        counts.refused++;
        failures++;
      }
      const [train, val] = sets;
      if (!train || !val) continue;
      try {
        const { indices, absent } = matchClasses('val', val.classes, { of: 'train', names: train.classes });
        const alike = (name: string) => name.normalize('NFC').toLowerCase().replace(/[_-]/g, ' ').trim();
        expect(indices.map((index) => alike(train.classes[index]!))).toEqual(val.classes.map(alike));
        expect(new Set(indices).size + absent.length).toBe(train.classes.length);
        // Each finds its own spelling, if that is there.
        for (const [index, name] of val.classes.entries()) {
          if (train.classes.includes(name)) expect(train.classes[indices[index]!]).toBe(name);
        }
        counts.matched++;
      } catch (error) {
        if (!ResnetError.is(error)) throw error;
        expect(error.code).toBe('DATA_INVALID');
        counts.unmatched++;
      }
    }
    console.log(`${TREES} trees:`, JSON.stringify(counts));
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(TREES / 50);
  });
});

describe('tars that were changed at random', () => {
  interface Entry {
    name: string;
    type: 'file' | 'directory' | 'symlink';
    body: string;
  }
  const keys = ['a', 'b', 'A', 'a b', 'img.1', 'img.2', 'é', '10', '2', 'd/a', 'd.e/a', '.a', 'n01440764_1'];
  const endings = [
    '.jpg',
    '.cls',
    '.JPEG',
    '.png',
    '.input.jpg',
    '.mask.png',
    '.json',
    '.heic',
    '.target.cls',
    '',
    '.',
  ];

  /** Samples, of which each image and each class is only once in the world. */
  const base = (): Entry[] =>
    ['a', 'b', 'c', 'img.1', 'img.2'].flatMap((key, index) => [
      { name: `${key}.jpg`, type: 'file' as const, body: `image ${index}` },
      { name: `${key}.cls`, type: 'file' as const, body: `${100 + index}` },
    ]);

  const changes: ((entries: Entry[]) => unknown)[] = [
    (entries) => entries.splice(random.int(entries.length), 1),
    (entries) =>
      entries.splice(
        random.int(entries.length),
        0,
        ...entries.splice(random.int(entries.length), 1 + random.int(3)),
      ),
    (entries) => {
      one(entries).name = `${one(keys)}${one(endings)}`;
    },
    (entries) => {
      const entry = one(entries);
      entry.name = entry.name.replace(/\.[^.]*$/, one(endings));
    },
    (entries) =>
      entries.push({
        name: `${one(keys)}${one(endings)}`,
        type: 'file',
        body: `image ${50 + random.int(50)}`,
      }),
    (entries) => {
      one(entries).type = one(['directory', 'symlink']);
    },
    (entries) => {
      one(entries).body = one(['', 'dog', '-1', '7', '999999999', '1e3', ' 5 \n']);
    },
  ];

  const pack = (entries: readonly Entry[]) =>
    packTar(
      entries.map(({ name, type, body }) =>
        type === 'file'
          ? { header: { name, size: Buffer.byteLength(body), type }, body }
          : { header: { name, size: 0, type, ...(type === 'symlink' ? { linkname: 'x' } : {}) } },
      ),
    );

  /** What is read, as pairs of an image and its class; or the code of the error. */
  async function read(bytes: Uint8Array): Promise<string[] | string> {
    async function* pieces() {
      for (let start = 0; start < bytes.length; start += 700) yield bytes.slice(start, start + 700);
    }
    const pairs: string[] = [];
    try {
      for await (const { encoded, label } of readSamples(pieces(), 'made.tar')) {
        pairs.push(`${Buffer.from(encoded)} ${label}`);
      }
      return pairs;
    } catch (error) {
      if (!ResnetError.is(error)) throw error;
      return error.code;
    }
  }

  it(`give coded errors, or pairs of one name, whatever the names are: ${TARS}`, {
    timeout: 600_000,
  }, async () => {
    const counts = { read: 0, refused: 0, damaged: 0 };
    for (let tar = 0; tar < TARS; tar++) {
      const entries = base();
      const times = 1 + random.int(2);
      for (let time = 0; time < times; time++) one(changes)(entries);
      const bytes = await pack(entries);
      const found = await read(bytes);
      if (typeof found === 'string') expect(found).toBe('DATA_INVALID');
      else {
        for (const pair of found) {
          const [, body, label] = /^(.*) (\d+)$/s.exec(pair)!;
          // Names with one point only make the same key as WebDataset's.
          const keysOf = (wanted: (entry: Entry) => boolean) =>
            entries
              .filter((entry) => entry.type === 'file' && wanted(entry))
              .map(({ name }) => sampleFile(name).key);
          const ofImage = keysOf((entry) => entry.body === body);
          const ofLabel = keysOf(
            (entry) => entry.name.endsWith('.cls') && Number(entry.body) === Number(label),
          );
          expect(
            ofImage.some((key) => ofLabel.includes(key)),
            `${pair} of ${JSON.stringify(entries)}`,
          ).toBe(true);
        }
      }
      // Other keys, in the other order.
      const known = [...new Set(entries.map(({ name }) => sampleFile(name).key))].sort();
      const renamed = new Map(
        known.map((key, index) => [key, `k${String(known.length - index).padStart(3, '0')}`]),
      );
      const others = entries.map((entry) => {
        const { key } = sampleFile(entry.name);
        return { ...entry, name: renamed.get(key)! + entry.name.slice(key.length) };
      });
      expect(await read(await pack(others))).toEqual(found);
      counts[typeof found === 'string' ? 'refused' : 'read']++;
      if (tar % 5 > 0) continue;
      const damaged = bytes.slice(0, random.int(4) === 0 ? random.int(bytes.length) : bytes.length);
      for (let time = 0; time < 3; time++) damaged[random.int(Math.max(1, damaged.length))] = random.int(256);
      const left = await read(damaged);
      if (typeof left === 'string') expect(left).toBe('DATA_INVALID');
      counts.damaged++;
    }
    console.log(`${TARS} tars:`, JSON.stringify(counts));
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(TARS / 50);
  });
});
