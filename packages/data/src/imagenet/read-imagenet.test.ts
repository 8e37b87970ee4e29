import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coded, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagenetClass } from './classes.js';
import { readImagenet } from './read-imagenet.js';

// Made by scripts/fixtures/imagenet-meta.py.
const meta = fileURLToPath(new URL('../../fixtures/imagenet-meta.mat', import.meta.url));

let folder: string;
let remove: () => Promise<void>;
let jpeg: Buffer;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  jpeg = await sharp({ create: { width: 9, height: 7, channels: 3, background: '#204060' } })
    .jpeg()
    .toBuffer();
});
afterAll(() => remove());

/** A new folder with these files: images, or texts. */
async function written(files: Record<string, string | typeof jpeg>): Promise<string> {
  const top = join(folder, `${Math.random()}`);
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(dirname(join(top, name)), { recursive: true });
    await writeFile(join(top, name), contents);
  }
  return top;
}

const nameOf = (number: number) => `ILSVRC2012_val_${String(number).padStart(8, '0')}`;
const flat = (count: number, location = 'val') =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${location}/${nameOf(index + 1)}.JPEG`, jpeg]),
  );
const ids = ['n02110185', 'n01440764', 'n02119789'];
const labels = ids.map(imagenetClass);
const synsets = 'imagenet_2012_validation_synset_labels.txt';
const kaggle = 'LOC_val_solution.csv';
const kit = 'ILSVRC2012_validation_ground_truth.txt';

describe('readImagenet', () => {
  it.each(['', 'ILSVRC/Data/CLS-LOC/'])('reads folders of classes in %s(train|val)', async (location) => {
    const top = await written({
      [`${location}train/n02110185/n02110185_1.JPEG`]: jpeg,
      [`${location}train/n01440764/n01440764_2.JPEG`]: jpeg,
      [`${location}train/n01440764/n01440764_1.JPEG`]: jpeg,
      [`${location}val/n02119789/${nameOf(3)}.JPEG`]: jpeg,
    });
    const train = await readImagenet(top, 'train');
    expect(train.classes).toHaveLength(1000);
    expect([...train.labels]).toEqual([0, 0, imagenetClass('Siberian husky')]);
    expect(train.paths.map((path) => path.slice(-16))).toEqual([
      'n01440764_1.JPEG',
      'n01440764_2.JPEG',
      'n02110185_1.JPEG',
    ]);
    expect(await train.read(0)).toMatchObject({ height: 7, width: 9, channels: 3 });
    expect(await train.encoded!(0)).toBe(train.paths[0]);
    const val = await readImagenet(top, 'val');
    expect([val.name, ...val.labels]).toEqual(['ImageNet val', imagenetClass('kit fox')]);
  });

  it('labels flat images by a file of WordNet ids, wherever it is', async () => {
    const lines = `${ids.join('\r\n')}\r\n`;
    for (const location of [synsets, `val/${synsets}`]) {
      const set = await readImagenet(await written({ ...flat(3), [location]: lines }), 'val');
      expect([...set.labels]).toEqual(labels);
    }
    const top = await written({ ...flat(3), 'elsewhere.txt': lines });
    const set = await readImagenet(top, 'val', { labels: join(top, 'elsewhere.txt') });
    expect([...set.labels]).toEqual(labels);
  });

  it("labels flat images by Kaggle's table, in any order", async () => {
    const rows = [3, 1, 2].map(
      (number) => `${nameOf(number)},${ids[number - 1]} 1 2 3 4 ${ids[number - 1]} 5 6 7 8 `,
    );
    const table = ['ImageId,PredictionString', ...rows, ''].join('\n');
    const top = await written({ ...flat(3, 'ILSVRC/Data/CLS-LOC/val'), [kaggle]: table });
    expect([...(await readImagenet(top, 'val')).labels]).toEqual(labels);
    expect([
      ...(await readImagenet(join(top, 'ILSVRC'), 'val', { labels: join(top, kaggle) })).labels,
    ]).toEqual(labels);
  });

  it("labels flat images by the development kit's numbers", async () => {
    const data = 'ILSVRC2012_devkit_t12/data';
    const top = await written({ ...flat(3), [`${data}/${kit}`]: '3\n4\n1\n' });
    await expect(readImagenet(top, 'val')).rejects.toThrow(coded('DATA_MISSING', 'meta.mat'));
    await copyFile(meta, join(top, data, 'meta.mat'));
    const expected = ['Siberian husky', 'Australian terrier', 'kit fox'].map(imagenetClass);
    expect([...(await readImagenet(top, 'val')).labels]).toEqual(expected);
    for (const [text, problem] of [
      ['3\n5\n1\n', 'Line 2 of'],
      ['3\n4\n1001\n', 'Line 3 of'],
    ] as const) {
      await writeFile(join(top, data, kit), text);
      await expect(readImagenet(top, 'val')).rejects.toThrow(coded('DATA_INVALID', problem));
    }
    for (const damaged of ['a text', Buffer.alloc(300), jpeg]) {
      await writeFile(join(top, data, 'meta.mat'), damaged);
      await expect(readImagenet(top, 'val')).rejects.toThrow(coded('DATA_INVALID', 'meta.mat'));
    }
  });

  const broken: [
    problem: string,
    name: string,
    lines: string[],
    code: 'DATA_INVALID' | 'DATA_MISSING',
    text: string,
  ][] = [
    ['a line that is no id', synsets, [ids[0]!, 'n0144', ids[2]!], 'DATA_INVALID', 'Line 2 of'],
    ['an unknown id', synsets, [ids[0]!, ids[1]!, 'n00000001'], 'DATA_INVALID', 'Line 3 of'],
    ['a label without an image', synsets, [...ids, ids[0]!], 'DATA_MISSING', 'line 4 of'],
    ['an image without a label', synsets, ids.slice(0, 2), 'DATA_INVALID', `${nameOf(3)}.JPEG`],
    ['an empty file', synsets, [], 'DATA_INVALID', 'Line 1 of'],
    ['another file', synsets, ['ILSVRC2012_val_00000001.JPEG 65'], 'DATA_INVALID', 'Line 1 of'],
    [
      'a damaged row',
      kaggle,
      ['ImageId,PredictionString', `${nameOf(1)},n01440764 1 2`],
      'DATA_INVALID',
      'Line 2 of',
    ],
    [
      'an image twice',
      kaggle,
      ['ImageId,PredictionString', ...[1, 2, 1].map((number) => `${nameOf(number)},n01440764 1 2 3 4`)],
      'DATA_INVALID',
      'the one of line 2 again',
    ],
    [
      'two classes',
      kaggle,
      ['ImageId,PredictionString', `${nameOf(1)},n01440764 1 2 3 4 n02110185 1 2 3 4`],
      'DATA_INVALID',
      'n01440764 and n02110185',
    ],
  ];
  it.each(broken)('names the line of %s', async (_, name, lines, code, text) => {
    const top = await written({ ...flat(3), [name]: lines.join('\n') });
    await expect(readImagenet(top, 'val')).rejects.toThrow(coded(code, text));
  });

  it.each<[string, string, string]>([
    ['millions of empty lines', synsets, `${ids[0]}\n${'\n'.repeat(2 ** 23)}x`],
    ['too many labels', synsets, `${ids[0]}\n`.repeat(300_000)],
    ['too many bytes', synsets, `${ids[0]}\n`.repeat(2_000_000)],
    ['a line without end', kaggle, `ImageId,\n${nameOf(1)},${'n01440764 1 2 3 4 '.repeat(500_000)}`],
    ['a first line without end', synsets, 'n'.repeat(2 ** 24)],
  ])('is done soon, in little memory, with labels of %s', async (_, name, text) => {
    const top = await written({ ...flat(3), [name]: text });
    const before = performance.now();
    const { rss } = process.memoryUsage();
    await expect(readImagenet(top, 'val')).rejects.toThrow(coded('DATA_INVALID'));
    expect(performance.now() - before).toBeLessThan(2000);
    expect(process.memoryUsage().rss - rss).toBeLessThan(2 ** 28);
  });

  it('says what is missing or wrong in folders', async () => {
    const reading = async (files: Record<string, string | typeof jpeg>, part: 'train' | 'val' = 'val') =>
      readImagenet(await written(files), part);
    await expect(reading({ 'test/x.JPEG': jpeg })).rejects.toThrow(coded('DATA_MISSING', "'val'"));
    await expect(reading(flat(1))).rejects.toThrow(coded('DATA_MISSING', synsets));
    await expect(reading(flat(1, 'train'), 'train')).rejects.toThrow(coded('DATA_MISSING', 'n01440764'));
    await expect(reading({ 'train/fish/1.JPEG': jpeg }, 'train')).rejects.toThrow(
      coded('DATA_INVALID', "'fish'"),
    );
    await expect(reading({ 'train/n01440764/1.txt': 'x' }, 'train')).rejects.toThrow(
      coded('DATA_MISSING', "'n01440764'"),
    );
    const twice = { ...flat(1), [`val/${nameOf(1)}.jpg`]: jpeg, [synsets]: 'n01440764' };
    await expect(reading(twice)).rejects.toThrow(coded('DATA_INVALID', `${nameOf(1)}.jpg`));
    const other = { ...flat(1), 'val/cat.jpg': jpeg, [synsets]: 'n01440764' };
    await expect(reading(other)).rejects.toThrow(coded('DATA_INVALID', "'cat.jpg'"));
  });
});
