import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { coded, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectStatistics } from '../object-statistics.js';
import { detectionKindOf, detectionKinds, openDetectionDataset } from './open-detection-dataset.js';

const ppm = Buffer.from(`P6 40 30 255\n${'\0'.repeat(40 * 30 * 3)}`, 'latin1');
const xml = (objects: string) =>
  `<annotation><size><width>40</width><height>30</height></size>${objects}</annotation>`;
const object = (name: string, xmax: number, difficult = 0) =>
  `<object><name>${name}</name><difficult>${difficult}</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>${xmax}</xmax>` +
  '<ymax>20</ymax></bndbox></object>';
const json = (id: number) =>
  JSON.stringify({
    images: [{ id, file_name: 'a.ppm', width: 40, height: 30 }],
    categories: [{ id: 3, name: 'cell' }],
    annotations: [{ id: 0, image_id: id, category_id: 3, bbox: [0, 0, 40, 30], area: 9216, iscrowd: 1 }],
  });

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  const files: Record<string, string | Buffer> = {
    'voc/Annotations/a.xml': xml(object('cell', 40) + object('cell', 20, 1) + object('dot', 4)),
    'voc/Annotations/b.xml': xml(''),
    'voc/JPEGImages/a.ppm': ppm,
    'voc/JPEGImages/b.ppm': ppm,
    'voc/ImageSets/Main/train.txt': 'a\nb\n',
    'voc/ImageSets/Main/val.txt': 'b\n',
    'devkit/VOC2007/Annotations/b.xml': xml(''),
    'devkit/VOC2007/JPEGImages/b.ppm': ppm,
    'coco/annotations/instances_train2017.json': json(1),
    'coco/annotations/instances_val2017.json': json(2),
    'coco/train2017/a.ppm': ppm,
    'coco/images/val2017/a.ppm': ppm,
    'other/a/b.ppm': ppm,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
});
afterAll(() => remove());

describe('openDetectionDataset', () => {
  it('recognizes the kind, and takes the part for training or the one that is asked for', async () => {
    expect(await openDetectionDataset(join(folder, 'voc'))).toMatchObject({
      count: 2,
      classes: ['cell', 'dot'],
    });
    expect(await openDetectionDataset(join(folder, 'voc'), { part: 'val' })).toMatchObject({ count: 1 });
    expect(await openDetectionDataset(join(folder, 'devkit'))).toMatchObject({ count: 1 });
    expect(await openDetectionDataset(join(folder, 'coco'))).toMatchObject({ imageIds: [1] });
    expect(await openDetectionDataset(join(folder, 'coco'), { part: 'val2017' })).toMatchObject({
      imageIds: [2],
    });
    expect(await openDetectionDataset('digit-scenes', { part: 'test' })).toMatchObject({ count: 1000 });
    expect(await Promise.all(['other', 'none'].map((name) => detectionKindOf(join(folder, name))))).toEqual([
      undefined,
      undefined,
    ]);
    expect(detectionKinds()).toEqual(['coco', 'digit-scenes', 'voc']);
  });

  it('says what is wrong', async () => {
    const open = (name: string, options = {}) => openDetectionDataset(join(folder, name), options);
    await expect(open('other')).rejects.toEqual(coded('DATA_INVALID', 'Annotations and JPEGImages'));
    await expect(open('voc', { kind: 'vok' })).rejects.toEqual(coded('UNKNOWN_NAME', "Did you mean 'voc'?"));
    await expect(open('voc', { part: 'tran' })).rejects.toEqual(
      coded('UNKNOWN_NAME', "Did you mean 'train'?"),
    );
    await expect(open('coco', { part: 'val2018' })).rejects.toEqual(coded('UNKNOWN_NAME', 'val2017'));
    await expect(openDetectionDataset('digit-scenes', { part: 'val' })).rejects.toEqual(
      coded('UNKNOWN_NAME'),
    );
  });
});

describe('objectStatistics', () => {
  it('counts the objects of the annotations', async () => {
    expect(objectStatistics(await openDetectionDataset(join(folder, 'voc')))).toEqual({
      count: 3,
      classCounts: [2, 1],
      imageCounts: [1, 1],
      perImage: { min: 0, median: 0, max: 3 },
      withoutObjects: 1,
      difficult: 1,
      crowds: 0,
      height: { min: 20, median: 20, max: 20 },
      width: { min: 4, median: 20, max: 40 },
      small: 3,
      medium: 0,
      large: 0,
    });
    expect(objectStatistics(await openDetectionDataset(join(folder, 'coco')))).toMatchObject({
      crowds: 1,
      large: 1,
    });
  });
});
