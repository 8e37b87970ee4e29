import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { coded, sharedData, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectionLoader } from '../detection-loader.js';
import { VOC_CLASSES } from './classes.js';
import { parseVoc } from './parse-voc.js';
import { readVoc } from './read-voc.js';

interface MadeObject {
  name?: string;
  box?: readonly (number | string)[];
  more?: string;
}

const object = ({ name = 'cell', box = [1, 1, 40, 30], more = '' }: MadeObject) => {
  const [xmin, ymin, xmax, ymax] = box;
  return (
    `<object><name>${name}</name>${more}<bndbox><xmax>${xmax}</xmax><xmin>${xmin}</xmin>` +
    `<ymin>${ymin}</ymin><ymax>${ymax}</ymax></bndbox></object>`
  );
};
const annotation = (
  objects: readonly MadeObject[],
  size = '<size><width>40</width><height>30</height></size>',
) =>
  `<?xml version="1.0"?>\n<annotation><filename>x.jpg</filename>${size}${objects.map(object).join('')}</annotation>`;

let top: string;
let remove: () => Promise<void>;
let image: Buffer;
beforeAll(async () => {
  ({ folder: top, remove } = await temporaryFolder());
  image = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c02040' } })
    .jpeg()
    .toBuffer();
});
afterAll(() => remove());

/** A set of these files, with an image of 40 x 30 for each annotation. */
let sets = 0;
async function made(files: Record<string, string | Buffer>): Promise<string> {
  const folder = join(top, String(sets++));
  const images = Object.keys(files)
    .filter((name) => /^Annotations\/[^.]+\.xml$/.test(name))
    .map((name) => [name.replace('Annotations', 'JPEGImages').replace('.xml', '.jpg'), image] as const);
  for (const [name, content] of [...images, ...Object.entries(files)]) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const boxesOf = (set: Awaited<ReturnType<typeof readVoc>>, index: number) => {
  const { boxes, labels } = set.objects(index);
  return [...labels].map((label, at) => [set.classes[label], ...boxes.subarray(4 * at, 4 * at + 4)]);
};

describe('readVoc', () => {
  it('counts pixels from 1, both ends of a box included, also with decimals', async () => {
    const set = await readVoc(
      await made({
        'Annotations/a.xml': annotation([{}, { name: 'a', box: ['1.15e+1', ' 2\n', '20.25', '3.'] }]),
        'Annotations/b.xml': annotation([]),
      }),
    );
    expect(set).toMatchObject({ count: 2, classes: ['a', 'cell'], ignored: [], repaired: [] });
    expect(boxesOf(set, 0)).toEqual([
      ['cell', 0, 0, 40, 30],
      ['a', 10.5, 1, 20.25, 3],
    ]);
    expect(boxesOf(set, 1)).toEqual([]);
    expect([set.imageName(0), set.imageName(1), set.size!(1)]).toEqual(['a', 'b', [30, 40]]);
    expect(await set.read(1)).toMatchObject({ height: 30, width: 40, channels: 3 });
    expect(() => set.objects(2)).toThrow(coded('OPTION_INVALID', 'from 0 to 1, found 2'));
    await expect(set.read(-1)).rejects.toEqual(coded('OPTION_INVALID', 'found -1'));
  });

  it('takes the box of an object, not those of its parts', async () => {
    const part =
      '<part><name>head</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>6</xmax><ymax>6</ymax></bndbox></part>';
    const set = await readVoc(await made({ 'Annotations/a.xml': annotation([{ more: part }]) }));
    expect(set.classes).toEqual(['cell']);
    expect(boxesOf(set, 0)).toEqual([['cell', 0, 0, 40, 30]]);
  });

  it('leaves out boxes without a size, clips those beyond the image, and says so', async () => {
    const set = await readVoc(
      await made({
        'Annotations/a.xml': annotation([
          { box: [5, 5, 5, 5] },
          { box: [9, 5, 8, 7] },
          { box: [-3, 2, 45, 10] },
          { box: [41, 2, 45, 10] },
          { box: [0, 0, 10, 10] },
          { box: [3, 3, 7, 8] },
        ]),
      }),
    );
    expect(boxesOf(set, 0)).toEqual([
      ['cell', 0, 1, 40, 10],
      ['cell', 0, 0, 10, 10],
      ['cell', 2, 2, 7, 8],
    ]);
    expect(set.repaired).toEqual([
      {
        reason: 'of size zero or less, left out',
        count: 2,
        examples: ['a.xml object 1 ("cell") [5 5 5 5]', 'a.xml object 2 ("cell") [9 5 8 7]'],
      },
      {
        reason: 'reaching beyond the image, clipped',
        count: 1,
        examples: ['a.xml object 3 ("cell") [-4 1 45 10]'],
      },
      {
        reason: 'outside of the image, left out',
        count: 1,
        examples: ['a.xml object 4 ("cell") [40 1 45 10]'],
      },
      {
        reason: expect.stringContaining('counting pixels from 0'),
        count: 1,
        examples: ['a.xml object 5 ("cell")'],
      },
    ]);
  });

  it('reads sets that count from 0, if told so', async () => {
    const folder = await made({
      'Annotations/a.xml': annotation([{ box: [0, 0, 39, 29] }, { box: [2, 3, 4, 5] }]),
    });
    const set = await readVoc(folder, { firstPixel: 0 });
    expect(boxesOf(set, 0)).toEqual([
      ['cell', 0, 0, 40, 30],
      ['cell', 2, 3, 5, 6],
    ]);
    expect(set.repaired).toEqual([]);
    await expect(readVoc(folder, { firstPixel: 2 as never })).rejects.toEqual(
      coded('OPTION_INVALID', 'found 2'),
    );
  });

  it('marks difficult objects, or leaves them out', async () => {
    const folder = await made({
      'Annotations/a.xml': annotation([
        { more: '<difficult>1</difficult>' },
        { more: '<difficult>0</difficult>' },
      ]),
    });
    expect((await readVoc(folder)).objects(0).difficult).toEqual(Uint8Array.of(1, 0));
    expect((await readVoc(folder, { includeDifficult: false })).objects(0).labels).toHaveLength(1);
  });

  it('reads parts and lists of classes, with the same classes in all parts', async () => {
    const folder = await made({
      'Annotations/a.xml': annotation([{ name: 'cat' }]),
      'Annotations/b.xml': annotation([{ name: 'dog' }, { name: 'cat' }]),
      'Annotations/c.xml': annotation([]),
      'ImageSets/Main/train.txt': 'c\na\n',
      'ImageSets/Main/val.txt': 'b\r\n\r\n',
    });
    const train = await readVoc(folder, { part: 'train' });
    expect(train.classes).toEqual(['cat', 'dog']);
    expect([train.imageName(0), train.imageName(1)]).toEqual(['c', 'a']);
    expect((await readVoc(folder, { part: 'val' })).classes).toEqual(['cat', 'dog']);
    await expect(readVoc(folder)).rejects.toEqual(coded('OPTION_INVALID', 'the parts train, val'));
    await expect(readVoc(folder, { part: 'vall' })).rejects.toEqual(
      coded('UNKNOWN_NAME', "Did you mean 'val'?"),
    );
    await writeFile(join(folder, 'ImageSets/Main/cat_train.txt'), 'c -1\na  1\n');
    await writeFile(join(folder, 'ImageSets/Main/dog_train.txt'), 'c -1\na -1\n');
    const cats = await readVoc(folder, { part: 'cat_train' });
    // The classes of lists are VOC's, as only its sets have such.
    expect(cats).toMatchObject({ count: 1, classes: VOC_CLASSES });
    expect(cats.imageName(0)).toBe('a');
    await expect(readVoc(folder, { part: 'dog_train' })).rejects.toEqual(
      coded('DATA_MISSING', 'at least one image'),
    );
  });

  it('finds a year in VOCdevkit', async () => {
    const folder = await made({
      'VOCdevkit/VOC2007/Annotations/a.xml': annotation([]),
      'VOCdevkit/VOC2007/JPEGImages/a.jpg': image,
      'VOCdevkit/VOC2012/Annotations/b.xml': annotation([]),
      'VOCdevkit/VOC2012/JPEGImages/b.jpg': image,
    });
    expect((await readVoc(folder, { year: '2012' })).imageName(0)).toBe('b');
    expect((await readVoc(join(folder, 'VOCdevkit'), { year: '2007' })).imageName(0)).toBe('a');
    expect((await readVoc(join(folder, 'VOCdevkit/VOC2007'), { year: '2007' })).imageName(0)).toBe('a');
    await expect(readVoc(folder)).rejects.toEqual(coded('OPTION_INVALID', 'several years: 2007, 2012'));
    await expect(readVoc(folder, { year: '2008' })).rejects.toEqual(coded('DATA_MISSING', 'VOC2008'));
    await expect(readVoc(join(folder, 'none'))).rejects.toEqual(coded('DATA_MISSING', 'Annotations'));
  });

  it('takes the size from the image where the annotation has none, and compares them when it is read', async () => {
    const folder = await made({
      'Annotations/a.xml': annotation([{}], ''),
      'Annotations/b.xml': annotation([{}], '<size><width>0</width><height>0</height></size>'),
      'Annotations/c.xml': annotation([{}], '<size><width>30</width><height>40</height></size>'),
    });
    const set = await readVoc(folder);
    expect([set.size!(0), set.size!(1), set.size!(2)]).toEqual([
      [30, 40],
      [30, 40],
      [40, 30],
    ]);
    await expect(set.read(2)).rejects.toEqual(
      coded('IMAGE_INVALID', '40 x 30 pixels that its annotation says, found 30 x 40'),
    );
    const broken: number[] = [];
    const batches = detectionLoader(set, { batchSize: 3, onBroken: (_, index) => broken.push(index) });
    for await (const { images } of batches.epoch(0)) expect(images).toHaveLength(2);
    expect(broken).toEqual([2]);
  });

  it('counts what does not belong to the set', async () => {
    const set = await readVoc(
      await made({
        'Annotations/a.xml': annotation([]),
        'Annotations/notes.txt': '',
        'Annotations/.hidden.xml': '',
        'JPEGImages/b.jpg': image,
        'JPEGImages/c.txt': '',
      }),
    );
    expect(set.ignored!.map(({ reason, examples }) => `${reason}: ${examples}`)).toEqual([
      'hidden: Annotations/.hidden.xml',
      'ending in .txt: Annotations/notes.txt,JPEGImages/c.txt',
      'without an annotation: JPEGImages/b.jpg',
    ]);
  });

  it.each([
    ['DATA_MISSING', 'at least one image', { 'Annotations/none.txt': '', 'JPEGImages/a.jpg': '' }],
    [
      'DATA_MISSING',
      'found none for "b"',
      { 'Annotations/a.xml': annotation([]), 'ImageSets/Main/train.txt': 'a\nb\n' },
    ],
    ['DATA_MISSING', 'all JPEGImages', { 'Annotations/a.b.xml': annotation([]), 'JPEGImages/a.jpg': '' }],
    ['DATA_INVALID', 'one image for each', { 'Annotations/a.xml': annotation([]), 'JPEGImages/a.png': '' }],
    ['DATA_INVALID', 'Line 2', { 'Annotations/a.xml': annotation([]), 'ImageSets/Main/train.txt': 'a\na\n' }],
    ['DATA_INVALID', '../a', { 'Annotations/a.xml': annotation([]), 'ImageSets/Main/train.txt': '../a\n' }],
    ['DATA_INVALID', 'a 2', { 'Annotations/a.xml': annotation([]), 'ImageSets/Main/train.txt': 'a 2\n' }],
    ['DATA_INVALID', 'UTF-8', { 'Annotations/a.xml': Buffer.from([0xff, 0xfe, 0x3c, 0x00]) }],
    [
      'DATA_INVALID',
      'but none for a.xml object 1 ("unicorn")',
      {
        'Annotations/a.xml': annotation([{ name: 'unicorn' }]),
        'ImageSets/Main/train.txt': 'a\n',
        'ImageSets/Main/cat_train.txt': 'a -1\n',
      },
    ],
  ] as const)('%s: %s', async (code, message, files) => {
    const folder = await made(files);
    const part = 'ImageSets/Main/train.txt' in files ? { part: 'train' } : {};
    await expect(readVoc(folder, part)).rejects.toEqual(coded(code, message));
  });
});

const invalid = (text: string) => coded('DATA_INVALID', text);

describe('parseVoc', () => {
  it('skips what it does not know, and reads text in all its forms', () => {
    const text =
      '\n<!-- <object> --><annotation verified="yes"><object><pose/><name><![CDATA[a&b]]> &lt;&#99;</name><actions><jumping>0' +
      '</jumping></actions><bndbox><xmin>+1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>003</ymax></bndbox></object></annotation>\n';
    expect(parseVoc(text, 'a.xml')).toEqual({
      size: undefined,
      database: '',
      objects: [{ name: 'a&b <c', box: [1, 1, 2, 3], difficult: false }],
    });
  });

  const damaged: [text: string, found: string][] = [
    ['', 'no XML: "1:0: document must contain a root element'],
    ['a', 'no XML'],
    ['<a/>', '<"a"> in place of <annotation>'],
    ['<annotation>', 'no XML'],
    ['<annotation></object>', 'no XML'],
    ['<annotation/><annotation/>', 'only one root'],
    ['<!DOCTYPE annotation><annotation/>', 'a document type'],
    [annotation([{ name: '' }]), 'object 1 without a <name>'],
    [annotation([{}, { name: '&x;' }]), 'no XML'],
    [
      annotation([{}, { box: [1, 2, 3, ''] }]),
      'object 2 ("cell") whose <bndbox> has <ymax> of "", no number',
    ],
    [annotation([{ box: [1, 2, 3, 'NaN'] }]), '"NaN"'],
    [annotation([{ box: [1, 2, 3, '1e999'] }]), '"1e999"'],
    [annotation([{ box: [1, 2, 3, '0x10'] }]), '"0x10"'],
    [annotation([{ box: ['9'.repeat(99), 2, 3, 4] }]), 'no number'],
    [annotation([{ more: '<bndbox><xmin>1</xmin></bndbox>' }]), 'more than one <xmin>'],
    [annotation([{ more: '<difficult>yes</difficult>' }]), '"yes", neither 0 nor 1'],
    [annotation([{ more: '<name>b</name>' }]), 'more than one <name>'],
    ['<annotation><object><name>a</name><polygon/></object></annotation>', 'no <xmin>'],
    [annotation([], '<size><width>a</width><height>2</height></size>'), 'a <size> of "2" x "a"'],
    [annotation([], '<size><width>-1</width><height>2</height></size>'), 'a <size>'],
  ];
  it.each(damaged.map(([text, found]) => ({ text, found })))('refuses $found', ({ text, found }) => {
    expect(() => parseVoc(text, 'a.xml')).toThrow(invalid(found));
    expect(() => parseVoc(text, 'a.xml')).toThrow(invalid("'a.xml'"));
  });

  it.each(
    [
      [
        'a document type',
        `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}"><!ENTITY d "${'&b;'.repeat(1000)}">]><annotation>${'&d;'.repeat(1000)}</annotation>`,
      ],
      ['nested more than 16', `<annotation>${'<a>'.repeat(300_000)}`],
      ['more than 10000 objects', annotation(new Array(10_001).fill({ name: 'a' }))],
      ['more than 500000 elements', `<annotation>${'<a/>'.repeat(500_001)}</annotation>`],
      ['more than 1000 characters in <name>', annotation([{ name: 'a'.repeat(1001) }])],
      ['no XML', `<annotation ${'a'.repeat(2 ** 21)}`],
      ['no XML', `<annotation><!${'['.repeat(2 ** 21)}`],
    ].map(([found, text]) => ({ found: found!, text: text! })),
  )('refuses bombs: $found', ({ found, text }) => {
    expect(() => parseVoc(text, 'a.xml')).toThrow(invalid(found));
  });
});

const bccd = join(sharedData, 'bccd');
const noBccd = existsSync(bccd) ? '' : ' (skipped: needs bccd in the shared data)';
const sample = join(sharedData, 'voc2012-sample');
const noSample = existsSync(sample) ? '' : ' (skipped: needs voc2012-sample in the shared data)';

describe('real sets', () => {
  it.skipIf(noBccd)(`BCCD: 364 photographs with 4,888 boxes, two of size zero${noBccd}`, async () => {
    const counts = { train: 205, val: 87, trainval: 292, test: 72 };
    let boxes = 0;
    const repaired: string[] = [];
    for (const [part, count] of Object.entries(counts)) {
      const set = await readVoc(bccd, { part });
      expect(set).toMatchObject({ count, classes: ['Platelets', 'RBC', 'WBC'] });
      expect(set.size!(0)).toEqual([480, 640]);
      if (part === 'train' || part === 'val') continue;
      for (let index = 0; index < count; index++) boxes += set.objects(index).labels.length;
      for (const { reason, examples } of set.repaired!)
        repaired.push(...examples.map((box) => `${reason}: ${box}`));
    }
    expect(repaired.sort()).toEqual([
      'of size zero or less, left out: BloodImage_00338.xml object 13 ("RBC") [504 337 504 337]',
      'of size zero or less, left out: BloodImage_00343.xml object 4 ("RBC") [181 329 181 329]',
    ]);
    expect(boxes).toBe(4888 - 2);
  });

  it.skipIf(noBccd)(`BCCD: a batch of its photographs${noBccd}`, async () => {
    const set = await readVoc(bccd, { part: 'test' });
    for await (const { images } of detectionLoader(set, { batchSize: 4, shuffle: true }).epoch(0)) {
      expect(images).toHaveLength(4);
      for (const { image, name } of images) {
        expect(name).toMatch(/^BloodImage_\d{5}$/);
        expect(image).toMatchObject({ height: 480, width: 640, channels: 3 });
      }
      break;
    }
  });

  it.skipIf(noSample)(`VOC2012: 100 images with 273 objects of its 20 classes${noSample}`, async () => {
    const set = await readVoc(sample);
    expect(set).toMatchObject({ count: 100, classes: VOC_CLASSES, repaired: [], ignored: [] });
    const objects = Array.from({ length: 100 }, (_, index) => set.objects(index));
    expect(objects.reduce((sum, { labels }) => sum + labels.length, 0)).toBe(273);
    expect(new Set(objects.flatMap(({ labels }) => [...labels])).size).toBe(20);
    for (const index of [0, 50, 99]) await set.read(index);
  });
});
