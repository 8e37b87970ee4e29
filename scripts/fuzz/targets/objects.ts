import { join } from 'node:path';
import { readCoco } from '../../../packages/data/src/detection/coco/read-coco.js';
import { readCocoResults } from '../../../packages/data/src/detection/coco/results.js';
import type { DetectionDataset } from '../../../packages/data/src/detection/detection-dataset.js';
import { readVoc } from '../../../packages/data/src/detection/voc/read-voc.js';
import { bytesOf, fileWriter, json, type Target } from './target.js';

const picture = bytesOf(`P5 40 30 255\n${'a'.repeat(1200)}`);

/** Sets with objects. */
export async function objects(folder: string): Promise<Target[]> {
  const write = async (path: string, bytes: Uint8Array) => (await fileWriter(folder, path))(bytes);
  for (const path of ['voc/JPEGImages/a.pgm', 'lists/JPEGImages/a.pgm', 'coco/a.pgm', 'coco/b.pgm']) {
    await write(path, picture);
  }
  await write('lists/Annotations/a.xml', bytesOf(annotations[0]!));
  const writeXml = await fileWriter(folder, 'voc/Annotations/a.xml');
  const writeList = await fileWriter(folder, 'lists/ImageSets/Main/train.txt');
  const writeCoco = await fileWriter(folder, 'instances.json');
  const writeResults = await fileWriter(folder, 'results.json');
  const ids = { name: 'set', imageIds: [1, 2], categoryIds: [1, 90] };
  return [
    {
      name: 'annotations of PASCAL VOC',
      bases: annotations.map(bytesOf),
      isText: true,
      parse: async (bytes) => {
        await writeXml(bytes);
        checkBoxes(await readVoc(join(folder, 'voc')));
      },
    },
    {
      name: 'lists of PASCAL VOC',
      bases: [bytesOf('a\n'), bytesOf('a 1\nb -1\nc 0\n')],
      isText: true,
      parse: async (bytes) => {
        await writeList(bytes);
        checkBoxes(await readVoc(join(folder, 'lists'), { part: 'train' }));
      },
    },
    {
      name: 'annotations of COCO',
      bases: [json(instances), bytesOf(JSON.stringify(instances, null, 1))],
      isText: true,
      parse: async (bytes) =>
        checkBoxes(await readCoco({ annotations: await writeCoco(bytes), images: join(folder, 'coco') })),
    },
    {
      name: 'results of COCO',
      bases: [json(results), bytesOf(`[\n${results.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`)],
      isText: true,
      parse: async (bytes) => readCocoResults(await writeResults(bytes), ids),
    },
  ];
}

/** What is read must be fit for training. */
function checkBoxes(set: DetectionDataset): void {
  for (let index = 0; index < set.count; index++) {
    const { boxes, labels } = set.objects(index);
    const [height, width] = set.size!(index)!;
    for (const [object, label] of labels.entries()) {
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map((at) => boxes[4 * object + at]!) as [
        number,
        number,
        number,
        number,
      ];
      const isInside = x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height && x1 < x2 && y1 < y2;
      if (!isInside || !(label >= 0 && label < set.classes.length)) {
        throw new Error(`object ${object} of ${set.imageName(index)}: ${[x1, y1, x2, y2]}, label ${label}`);
      }
    }
  }
}

const box = (...[xmin, ymin, xmax, ymax]: (number | string)[]) =>
  `<bndbox>\n<xmin>${xmin}</xmin>\n<ymin>${ymin}</ymin>\n<xmax>${xmax}</xmax>\n<ymax>${ymax}</ymax>\n</bndbox>\n`;
const annotations = [
  `<?xml version="1.0" encoding="UTF-8"?>\n<annotation>\n<source>\n<database>The VOC2007 Database</database>\n</source>\n<size>\n` +
    `<width>40</width>\n<height>30</height>\n</size>\n<object>\n<name>person</name>\n<difficult>1</difficult>\n${box(1, 2, 40, 30)}` +
    `<part>\n<name>head</name>\n${box(3, 4, 5, 6)}</part>\n</object>\n<object>\n<name>dog</name>\n${box('3.5', 2, 9, '7.25')}` +
    '</object>\n</annotation>\n',
  `<annotation verified="yes">\n<!-- no size -->\n<object>\n<name><![CDATA[a&b]]>&lt;&#99;</name>\n${box(0, 0, 50, 50)}</object>\n` +
    `<object>\n<name>c</name>\n${box(5, 5, 5, 5)}</object>\n</annotation>`,
  `<!DOCTYPE annotation [\n<!ENTITY a "bbbbbbbb">\n<!ENTITY c "&a;&a;&a;&a;">\n]>\n<annotation>\n<object>\n<name>&c;</name>\n` +
    `${box(1, 2, 3, 4)}</object>\n</annotation>`,
];

const instances = {
  info: { year: 2017 },
  images: [
    { id: 1, file_name: 'a.pgm', width: 40, height: 30, license: 1 },
    { id: 2, file_name: 'b.pgm', width: 40, height: 30 },
  ],
  categories: [
    { id: 1, name: 'person', supercategory: 'person' },
    { id: 90, name: 'toothbrush' },
  ],
  annotations: [
    {
      id: 0,
      image_id: 1,
      category_id: 90,
      bbox: [1.5, 2, 10, 20.25],
      area: 150,
      iscrowd: 0,
      segmentation: [[1, 2, 3, 4, 5, 6]],
    },
    {
      id: 7,
      image_id: 2,
      category_id: 1,
      bbox: [0, 0, 40, 30],
      area: 9,
      iscrowd: 1,
      segmentation: { counts: [1, 2], size: [30, 40] },
    },
    { id: 8, image_id: 2, category_id: 1, bbox: [-1, 5, 3, 0] },
  ],
};

const results = [
  { image_id: 1, category_id: 90, bbox: [1.5, 2, 10, 20.25], score: 0.875 },
  { image_id: 2, category_id: 1, bbox: [0, 0, 1, 1], score: 0.5 },
];
