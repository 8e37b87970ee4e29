import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { coded, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectionLoader } from '../detection-loader.js';
import { readCoco } from './read-coco.js';
import { readCocoResults, writeCocoResults } from './results.js';

const image = (id: number, more: object = {}) => ({
  license: 1,
  id,
  file_name: `${id}.png`,
  height: 30,
  width: 40,
  ...more,
});
const annotation = (id: number, more: object = {}) => ({
  id,
  image_id: 7,
  category_id: 1,
  segmentation: [[1, 2, 3, 4, 5, 6]],
  area: 55.5,
  iscrowd: 0,
  bbox: [1, 2, 10, 20],
  ...more,
});
const categories = [
  { id: 90, name: 'toothbrush', supercategory: 'indoor' },
  { id: 1, name: 'person' },
  { id: 13, name: 'stop sign' },
];

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c02040' } })
    .png()
    .toBuffer();
  for (const name of ['7.png', '3.png', 'a/5.png']) {
    await mkdir(dirname(join(folder, 'images', name)), { recursive: true });
    await writeFile(join(folder, 'images', name), png);
  }
});
afterAll(() => remove());

let files = 0;
async function opened(content: unknown) {
  const annotations = join(folder, `${files++}.json`);
  await writeFile(annotations, typeof content === 'string' ? content : JSON.stringify(content));
  return readCoco({ annotations, images: join(folder, 'images') });
}

describe('readCoco', () => {
  it('sorts images and classes by their ids, and keeps images without objects', async () => {
    const set = await opened({
      info: { description: 'made' },
      annotations: [
        annotation(0, { category_id: 90 }),
        annotation(1, { image_id: 3, iscrowd: 1, segmentation: { counts: [3, 4], size: [30, 40] } }),
        annotation(2, { bbox: [30.5, 20, 9.5, 10], area: 90 }),
      ],
      images: [image(7), image(3), image(5, { file_name: 'a/5.png' })],
      categories,
    });
    expect(set).toMatchObject({
      count: 3,
      classes: ['person', 'stop sign', 'toothbrush'],
      categoryIds: [1, 13, 90],
      imageIds: [3, 5, 7],
      repaired: [],
    });
    expect([0, 1, 2].map((index) => set.imageName(index))).toEqual(['3.png', 'a/5.png', '7.png']);
    expect(set.objects(0)).toEqual({
      boxes: Float64Array.of(1, 2, 11, 22),
      labels: Int32Array.of(0),
      crowd: Uint8Array.of(1),
      areas: Float64Array.of(55.5),
    });
    expect(set.objects(1).labels).toHaveLength(0);
    expect(set.objects(2)).toEqual({
      boxes: Float64Array.of(1, 2, 11, 22, 30.5, 20, 40, 30),
      labels: Int32Array.of(2, 0),
      crowd: Uint8Array.of(0, 0),
      areas: Float64Array.of(55.5, 90),
    });
    for await (const { images } of detectionLoader(set, { batchSize: 3 }).epoch(0))
      expect(images).toHaveLength(3);
  });

  it('leaves out boxes without a size, clips those beyond the image, and names them and ids that repeat', async () => {
    const set = await opened({
      images: [image(7)],
      categories,
      annotations: [
        annotation(1, { bbox: [1, 2, 3, 0] }),
        annotation(2, { bbox: [1, 2, -3, 4] }),
        annotation(2, { bbox: [-5, 2, 50, 10], area: undefined }),
        annotation(4, { bbox: [40, 2, 5, 10] }),
        annotation(5, { bbox: [30, 20, 10.004, 10.004] }),
      ],
    });
    expect([...set.objects(0).boxes]).toEqual([0, 2, 40, 12, 30, 20, 40, 30]);
    expect([...set.objects(0).areas!]).toEqual([400, 55.5]);
    expect(set.repaired!.map(({ reason, count, examples }) => `${count} ${reason}: ${examples[0]}`)).toEqual([
      '2 of size zero or less, left out: "7.png" annotation 0 (id 1) [1 2 4 2]',
      '1 reaching beyond the image, clipped: "7.png" annotation 2 (id 2) [-5 2 45 12]',
      '1 outside of the image, left out: "7.png" annotation 3 (id 4) [40 2 45 12]',
      '1 with the id of another annotation, kept: annotation id 2',
    ]);
  });

  it('has no areas where the file has none', async () => {
    const set = await opened({
      images: [image(7)],
      categories,
      annotations: [annotation(0, { area: undefined })],
    });
    expect(Object.keys(set.objects(0))).toEqual(['boxes', 'labels', 'crowd']);
  });

  const whole = { images: [image(7)], categories, annotations: [annotation(1)] };
  const damaged: [found: string, content: unknown][] = [
    ['found no JSON', '{"images": [{"id": 7,}]}'],
    ['found no end', '{"images": ['],
    ['found no end', ''],
    ['0 images', '[]'],
    ['0 images', '{}'],
    ['0 categories', { images: [image(7)] }],
    ['no list as "images"', { ...whole, images: {} }],
    ['no list as "images"', { ...whole, images: 5 }],
    ['else than objects in "images"', { ...whole, images: [[]] }],
    ['else than objects in "annotations"', { ...whole, annotations: [5] }],
    ['images[0]', { ...whole, images: [{ ...image(7), id: '7' }] }],
    ['height, an integer from 1', { ...whole, images: [image(7, { height: 0 })] }],
    ['file_name, a text', { ...whole, images: [image(7, { file_name: '' })] }],
    ['images of', { ...whole, images: [image(7), image(7)] }],
    ['"7.png" twice', { ...whole, images: [image(7), image(8, { file_name: '7.png' })] }],
    ['found 1 twice', { ...whole, categories: [...categories, { id: 1, name: 'x' }] }],
    ['"person" twice', { ...whole, categories: [...categories, { id: 2, name: 'person' }] }],
    ['annotation 0 (id 1) has image_id 8', { ...whole, annotations: [annotation(1, { image_id: 8 })] }],
    ['annotation 0 (id 1) has category_id 2', { ...whole, annotations: [annotation(1, { category_id: 2 })] }],
    ['annotations[1]', { ...whole, annotations: [annotation(1), annotation(2, { bbox: [1, 2, 3] })] }],
    ['bbox, the four numbers', { ...whole, annotations: [annotation(1, { bbox: [1, 2, 3, null] })] }],
    ['bbox, the four numbers', { ...whole, annotations: [annotation(1, { bbox: undefined })] }],
    ['iscrowd, an integer from 0 to 1', { ...whole, annotations: [annotation(1, { iscrowd: 2 })] }],
    ['area, a number', { ...whole, annotations: [annotation(1, { area: '5' })] }],
    ['nested too deep', { ...whole, annotations: [annotation(1, { bbox: [[1], 2, 3, 4] })] }],
    ['more than 100 values', { ...whole, annotations: [annotation(1, { bbox: new Array(200).fill(1) })] }],
    ['more than 4096 characters', { ...whole, images: [image(7, { file_name: 'a'.repeat(5000) })] }],
  ];
  it.each(damaged.map(([found, content]) => ({ found, content })))(
    'refuses $found',
    async ({ found, content }) => {
      await expect(opened(content)).rejects.toEqual(coded('DATA_INVALID', found));
    },
  );

  it.each(['../7.png', '/7.png', 'a/../../7.png', 'a\\7.png', 'C:/7.png', './7.png', 'a//7.png'])(
    'refuses names of files that leave the folder: %s',
    async (name) => {
      await expect(opened({ ...whole, images: [image(7, { file_name: name })] })).rejects.toEqual(
        coded('DATA_INVALID', 'a file_name inside the folder'),
      );
    },
  );

  it('names images that are missing, and files and folders that are not there', async () => {
    const images = [image(7), image(8), image(9)];
    await expect(opened({ ...whole, images })).rejects.toEqual(
      coded('DATA_MISSING', 'found none for "8.png", "9.png"'),
    );
    const none = join(folder, 'none');
    await expect(readCoco({ annotations: none, images: folder })).rejects.toEqual(coded('FILE_UNREADABLE'));
    const annotations = join(folder, 'whole.json');
    await writeFile(annotations, JSON.stringify(whole));
    await expect(readCoco({ annotations, images: none })).rejects.toEqual(coded('DATA_MISSING', none));
  });

  it('takes no memory for masks and whatever else is skipped', { timeout: 60_000 }, async () => {
    const text = JSON.stringify({ ...whole, annotations: [annotation(1, { segmentation: 'MASK' })] });
    const [first, last] = text.split('"MASK"') as [string, string];
    const annotations = join(folder, 'masks.json');
    const piece = Buffer.from('1.5, '.repeat(200_000));
    const other = Buffer.from('{"a": [0]}, '.repeat(80_000));
    await writeFile(annotations, [
      Buffer.from('{"unknown": ['),
      ...new Array<Buffer>(10).fill(other),
      Buffer.from(`0], ${first.slice(1)}[[`),
      ...new Array<Buffer>(50).fill(piece),
      Buffer.from(`1]]${last}`),
    ]);
    const before = process.resourceUsage().maxRSS;
    const set = await readCoco({ annotations, images: join(folder, 'images') });
    expect(set.objects(0).labels).toHaveLength(1);
    // In KiB. The file has 60 MB; its values in lists would take 80 MB, and as much again while the lists grow.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000);
    await expect(opened(text.replace('"MASK"', `${'['.repeat(1e6)}`))).rejects.toEqual(
      coded('DATA_INVALID', 'nested more than 100 levels'),
    );
  });
});

describe('results of COCO', () => {
  it('are written as its tools read them, and read back exactly', async () => {
    const set = await opened({ images: [image(7), image(3)], categories, annotations: [] });
    const path = join(folder, 'results.json');
    const detected = [
      { boxes: [1, 2, 4, 8.5, 0.1, 0.2, 30, 20], labels: [0, 2], scores: Float32Array.of(0.9, 0.25) },
      { boxes: [], labels: [], scores: [] },
    ];
    await writeCocoResults(path, set, detected);
    const { default: results } = await import(path, { with: { type: 'json' } });
    expect(results[0]).toEqual({
      image_id: 3,
      category_id: 1,
      bbox: [1, 2, 3, 6.5],
      score: Math.fround(0.9),
    });
    expect(results).toHaveLength(2);
    const read = await readCocoResults(path, set);
    expect(read[1]).toEqual(detected[1]);
    expect(read[0]).toMatchObject({ labels: [0, 2], scores: [Math.fround(0.9), 0.25] });
    for (const [at, value] of [...(read[0]!.boxes as number[])].entries()) {
      expect(value).toBeCloseTo(detected[0]!.boxes[at]!, 12);
    }
    await expect(writeCocoResults(path, set, detected, { replace: false })).rejects.toEqual(
      coded('FILE_UNWRITABLE'),
    );
    await writeCocoResults(path, set, [detected[1]!, detected[1]!]);
    expect((await readCocoResults(path, set)).map(({ labels }) => labels.length)).toEqual([0, 0]);
  });

  it('are refused if they don’t fit the set', async () => {
    const set = await opened({ images: [image(7)], categories, annotations: [] });
    const path = join(folder, 'wrong.json');
    const one = (more: object) => ({ boxes: [0, 0, 1, 1], labels: [0], scores: [0.5], ...more });
    await expect(writeCocoResults(path, set, [])).rejects.toEqual(coded('OPTION_INVALID', 'all 1 images'));
    for (const more of [{ labels: [3] }, { scores: [Number.NaN] }, { boxes: [0, 0, 1] }]) {
      await expect(writeCocoResults(path, set, [one(more)])).rejects.toEqual(
        coded('OPTION_INVALID', 'Detection 0 of image 0'),
      );
    }
    const result = { image_id: 7, category_id: 1, bbox: [0, 0, 1, 1], score: 1 };
    for (const [found, content] of [
      ['Result 1', [result, { ...result, image_id: 8 }]],
      ['a category_id', [{ ...result, category_id: 2 }]],
      ['score, a number', [{ ...result, score: null }]],
      ['no list as the list', result],
      ['no JSON', 'x'],
    ] as const) {
      await writeFile(path, content === 'x' ? content : JSON.stringify(content));
      await expect(readCocoResults(path, set)).rejects.toEqual(coded('DATA_INVALID', found));
    }
  });
});
