import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { coded, imagenetSamples, madeBomb, noImagenetSamples, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../images/decode-image.node.js';
import type { Batch } from '../loading/batch.js';
import { type LoaderOptions, loader } from '../loading/loader.js';
import { randomScaledCrop, scaledCenterCrop } from '../transforms/resize.js';
import { imageFolder } from './image-folder.js';

// Made by scripts/fixtures/image-modes.py.
const modes: {
  files: { name: string; file: string; height: number; width: number; pixels: string }[];
} = JSON.parse(readFileSync(new URL('../../fixtures/image-modes.json', import.meta.url), 'utf8'));

describe('decodeImage', () => {
  it.each(modes.files)('gives of $name what PIL does', async ({ name, file, height, width, pixels }) => {
    const image = await decodeImage(Buffer.from(file, 'base64'), name);
    expect([image.height, image.width, image.channels]).toEqual([height, width, 3]);
    const expected = Buffer.from(pixels, 'base64');
    // Other versions of the decoders may round otherwise.
    const differences = image.pixels.map((value, position) => Math.abs(value - expected[position]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(2);
  });

  it('keeps the upper eight of 16 bits', async () => {
    const values = Uint16Array.from({ length: 6 }, (_, index) => index * 10000 + 300);
    const file = await sharp(values, { raw: { width: 3, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).depth).toBe('ushort');
    const { pixels } = await decodeImage(file, 'deep.png');
    expect([...pixels]).toEqual([...values].flatMap((value) => Array(3).fill(value >> 8)));
  });

  it('leaves colors as they are stored, whatever profile says how they look, as PIL does', async () => {
    const pixels = Uint8Array.from({ length: 48 }, (_, position) => (position * 37) % 256);
    const file = await sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect(await sharp(file).toColourspace('srgb').raw().toBuffer()).not.toEqual(stored);
    expect(Buffer.from((await decodeImage(file, 'wide.png')).pixels)).toEqual(stored);
  });

  it('refuses what is empty, cut off, no image, or far too large', async () => {
    const file = Buffer.from(modes.files[0]!.file, 'base64');
    await expect(decodeImage(new Uint8Array(0), 'empty.jpg')).rejects.toThrow(
      coded('IMAGE_INVALID', 'empty.jpg'),
    );
    await expect(decodeImage(file.subarray(0, 700), 'cut.jpg')).rejects.toThrow(
      coded('IMAGE_INVALID', 'cut.jpg'),
    );
    await expect(decodeImage(Buffer.from('a text'), 'text.jpg')).rejects.toThrow(coded('IMAGE_INVALID'));
    await expect(decodeImage(madeBomb(), 'bomb.png')).rejects.toThrow(coded('IMAGE_INVALID', 'bomb.png'));
  });
});

describe('decodeImage of damaged images', () => {
  it('says of many that are cut off what sharp says of one', async () => {
    const noise = Uint8Array.from({ length: 3 * 200 * 200 }, (_, position) => (position * 2654435761) >>> 13);
    const whole = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
      .jpeg()
      .toBuffer();
    const failures = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        decodeImage(whole.subarray(0, whole.length * (0.2 + index / 200)), `${index}.jpg`).catch(
          (error) => error,
        ),
      ),
    );
    for (const [index, failure] of failures.entries()) {
      expect(failure).toEqual(coded('IMAGE_INVALID', `'${index}.jpg' must be an image`));
      expect(failure.message).toMatch(/found: premature end of JPEG image\.$/);
    }
  });

  it.each(modes.files.filter(({ name }) => /\.(bmp|p.m)$/.test(name)))(
    'refuses $name cut off anywhere, and takes no memory for what it only claims',
    async ({ name, file }) => {
      const bytes = Buffer.from(file, 'base64');
      for (let length = 2; length < bytes.length - 4; length += 7) {
        const cut = await decodeImage(bytes.subarray(0, length), name).catch((error) => error);
        // What is run-length coded may end anywhere; text too, in the middle of a number.
        if (!(cut instanceof Error)) expect(name).toMatch(/^(runs|text)/);
        else expect(cut).toEqual(coded('IMAGE_INVALID', name));
      }
      const large = Buffer.from(bytes);
      if (name.endsWith('bmp')) large.writeInt32LE(2 ** 30, 18);
      else large.write('999999999', 3);
      await expect(decodeImage(large, name)).rejects.toThrow(coded('IMAGE_INVALID', name));
    },
  );
});

describe('imageFolder', () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
  });
  afterAll(() => remove());

  async function written(...names: string[]): Promise<string> {
    const top = join(folder, `${Math.random()}`);
    await mkdir(top);
    for (const [index, name] of names.entries()) {
      const path = join(top, name);
      await mkdir(dirname(path), { recursive: true });
      if (/\.(png|JPEG)$/.test(path)) {
        const create = { width: 9, height: 7, channels: 3, background: { r: index, g: 0, b: 0 } } as const;
        await sharp({ create }).png().toFile(path.replace('JPEG', 'png'));
        if (path.endsWith('JPEG')) await sharp({ create }).jpeg().toFile(`${path}`.replace(/JPEG$/, 'jpeg'));
      } else {
        await writeFile(path, 'a text');
      }
    }
    return top;
  }

  async function batchesOf(top: string, options: LoaderOptions, startBatch = 0): Promise<Batch[]> {
    const list: Batch[] = [];
    for await (const batch of loader(await imageFolder(top), options).epoch(3, startBatch)) list.push(batch);
    return list;
  }

  it('takes classes and images in order, and nothing else', async () => {
    const top = await written(
      'b/2.png',
      'b/1.png',
      'a/deep/x.png',
      'a/z.png',
      'a/notes.txt',
      'read-me.txt',
      '.git/x.png',
    );
    await symlink(join(top, 'a', 'z.png'), join(top, 'b', '3.png'));
    await symlink(top, join(top, 'a', 'round'));
    const set = await imageFolder(top);
    expect(set.classes).toEqual(['a', 'b']);
    expect(set.paths.map((path) => path.slice(top.length + 1))).toEqual([
      'a/z.png',
      'a/deep/x.png',
      'b/1.png',
      'b/2.png',
      'b/3.png',
    ]);
    expect(set.ignored).toEqual([
      { reason: 'hidden', count: 1, examples: ['.git'] },
      { reason: "beside the classes' folders", count: 1, examples: ['read-me.txt'] },
      { reason: 'ending in .txt', count: 1, examples: ['a/notes.txt'] },
      { reason: 'linking to a folder around them', count: 1, examples: ['a/round'] },
    ]);
    expect([...set.labels]).toEqual([0, 0, 1, 1, 1]);
    expect([...(await set.read(4)).pixels.subarray(0, 3)]).toEqual([3, 0, 0]);
    await expect(set.read(5)).rejects.toThrow(coded('OPTION_INVALID', 'found 5'));
  });

  it('follows links to folders, and reads each folder of a class once', async () => {
    const store = await written('c/1.png', 'c/deep/2.png', 'd/3.png');
    const top = await written('a/4.png');
    await symlink(join(store, 'c'), join(top, 'linked'));
    await symlink(join(store, 'd'), join(top, 'a', 'more'));
    await symlink(join(store, 'c', 'deep'), join(store, 'c', 'again'));
    await symlink(store, join(store, 'c', 'deep', 'up'));
    await symlink(join(store, 'c'), join(store, 'c', 'self'));
    await symlink('.', join(top, 'all'));
    await symlink('nowhere', join(top, 'unmounted'));
    const set = await imageFolder(top);
    expect(set.classes).toEqual(['a', 'linked']);
    expect(set.paths.map((path) => path.slice(top.length + 1))).toEqual([
      ...['a/4.png', 'a/more/3.png', 'linked/1.png', 'linked/again/2.png'],
    ]);
    expect([...set.labels]).toEqual([0, 0, 1, 1]);
    expect(set.ignored).toEqual([
      { reason: 'linking to nothing', count: 1, examples: ['unmounted'] },
      {
        reason: 'linking to a folder around them',
        count: 2,
        examples: ['all', 'linked/again/up'],
      },
      {
        reason: 'linking to a folder that was read already',
        count: 2,
        examples: ['linked/deep', 'linked/self'],
      },
    ]);
    const onlyLinks = await written('x.txt');
    for (const name of ['c', 'd']) await symlink(join(store, name), join(onlyLinks, name));
    expect((await imageFolder(onlyLinks)).classes).toEqual(['c', 'd']);
  });

  it('reads every ending of torchvision, and orders names by code point as torchvision does', async () => {
    const endings = ['bmp', 'jpeg', 'jpg', 'pgm', 'png', 'ppm', 'tif', 'tiff', 'webp'];
    const top = await written(...endings.map((ending) => `a/x.${ending}`), 'a/x.heic', 'a/x.HEIC', 'a/plain');
    const set = await imageFolder(top);
    expect(set.paths.map((path) => path.split('.').at(-1))).toEqual(endings);
    expect(set.ignored).toEqual([
      { reason: 'without an ending', count: 1, examples: ['a/plain'] },
      { reason: 'ending in .heic', count: 2, examples: ['a/x.HEIC', 'a/x.heic'] },
    ]);
    // In the order of Python's sorted(): 16-bit units would put the last one before the one ahead of it.
    const names = ['A', 'B', 'a-b', 'a', 'ab', 'é', '\uff21', '\u{1f600}', 'a/b'];
    const ordered = await imageFolder(await written(...[...names].reverse().map((name) => `c/${name}.png`)));
    expect(ordered.paths.map((path) => path.slice(path.lastIndexOf('c/') + 2, -4))).toEqual([...names]);
    const classes = ['A', 'B', 'a', 'a-b', 'ab', 'é', '\uff21', '\u{1f600}'];
    const folders = await imageFolder(
      await written(...[...classes].reverse().map((name) => `${name}/1.png`)),
    );
    expect(folders.classes).toEqual(classes);
  });

  it('says what is missing', async () => {
    await expect(imageFolder(join(folder, 'none'))).rejects.toThrow(coded('DATA_MISSING', 'none'));
    await expect(imageFolder(await written('x.png'))).rejects.toThrow(
      coded('DATA_MISSING', 'for each class'),
    );
    await expect(imageFolder(await written('a/1.png', 'b/1.txt'))).rejects.toThrow(
      coded('DATA_MISSING', "'b'"),
    );
    await expect(imageFolder(await written('a/1.png', 'b/1.heic', 'b/2.heic', 'b/.x'))).rejects.toThrow(
      coded('DATA_MISSING', 'found none, but 1 hidden, 2 ending in .heic.'),
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'names files whose names are not UTF-8 (only Linux has such)',
    async () => {
      const top = await written('a/1.png');
      await writeFile(
        Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xff, 0xfe]), Buffer.from('.png')]),
        'x',
      );
      await expect(imageFolder(top)).rejects.toThrow(coded('DATA_INVALID', 'not UTF-8'));
    },
  );

  const names = Array.from({ length: 11 }, (_, index) => `${index % 2 ? 'odd' : 'even'}/${index}.png`);
  const transform = randomScaledCrop({ shorterSide: [7, 12], size: 5 });

  it('loads the same batches whatever is read ahead, and the rest from the middle of an epoch', async () => {
    const top = await written(...names);
    const options = { batchSize: 3, shuffle: true, seed: 5, transform };
    const expected = await batchesOf(top, options);
    expect(expected.map(({ count }) => count)).toEqual([3, 3, 3, 2]);
    for (const prefetch of [0, 1, 7]) {
      expect(await batchesOf(top, { ...options, prefetch })).toEqual(expected);
      expect(await batchesOf(top, { ...options, prefetch }, 2)).toEqual(expected.slice(2));
    }
  });

  it('shares an epoch between machines', async () => {
    const top = await written(...names);
    const options = { batchSize: 1, shuffle: true, seed: 5, transform };
    const whole = await batchesOf(top, options);
    for (const rank of [0, 1, 2]) {
      const part = await batchesOf(top, { ...options, shard: [rank, 3] });
      expect(part).toEqual([0, 1, 2].map((position) => whole[3 * position + rank]));
    }
    await expect(batchesOf(top, { ...options, shard: [3, 3] })).rejects.toThrow(
      coded('OPTION_INVALID', 'rank'),
    );
    await expect(batchesOf(top, { ...options, shard: [0, 12] })).rejects.toThrow(
      coded('OPTION_INVALID', 'world'),
    );
  });

  it('ends at a broken image, or reports it and goes on', async () => {
    const top = await written(...names);
    await writeFile(join(top, 'odd', '3.png'), 'no image');
    const options = { batchSize: 4, transform };
    await expect(batchesOf(top, options)).rejects.toThrow(coded('IMAGE_INVALID', join('odd', '3.png')));
    const broken: string[] = [];
    const { paths } = await imageFolder(top);
    const batches = await batchesOf(top, {
      ...options,
      onBroken: (error, index) => broken.push(`${error.code} ${paths[index]!.slice(top.length + 1)}`),
    });
    expect(broken).toEqual([`IMAGE_INVALID ${join('odd', '3.png')}`]);
    expect(batches.map(({ count }) => count)).toEqual([4, 3, 3]);
  });

  it('stops when told to', async () => {
    const top = await written(...names);
    const stop = new AbortController();
    const seen: number[] = [];
    const running = async () => {
      const { signal } = stop;
      for await (const { count } of loader(await imageFolder(top), { batchSize: 2, transform, signal }).epoch(
        0,
      )) {
        seen.push(count);
        if (seen.length === 2) stop.abort();
      }
    };
    await expect(running()).rejects.toThrow(coded('ABORTED'));
    expect(seen).toEqual([2, 2]);
  });

  it.skipIf(noImagenetSamples)(
    `reads 100 images of ImageNet${noImagenetSamples}`,
    { timeout: 60_000 },
    async () => {
      const set = await imageFolder(imagenetSamples);
      expect([set.count, set.classes.length, set.classes[0]]).toEqual([100, 100, 'n01440764']);
      let count = 0;
      for await (const batch of loader(set, { batchSize: 32, transform: scaledCenterCrop() }).epoch(0)) {
        expect([batch.height, batch.width]).toEqual([224, 224]);
        count += batch.count;
      }
      expect(count).toBe(100);
    },
  );
});
