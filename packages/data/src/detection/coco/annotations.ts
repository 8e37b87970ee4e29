import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { Fields } from './fields.js';
import { readJsonRecords } from './json-records.js';

const MOST_IMAGES = 2_000_000;
const MOST_CATEGORIES = 100_000;
const MOST_ANNOTATIONS = 10_000_000;
/** Of an image: so many that areas are exact. */
const MOST_SIDE = 2 ** 24;

/** A file of annotations. */
export interface CocoAnnotations {
  images: { id: number; fileName: string; size: readonly [height: number, width: number] }[];
  categories: { id: number; name: string }[];
  /** Annotations, whose fields follow in lists. */
  count: number;
  ids: (number | undefined)[];
  imageIds: number[];
  categoryIds: number[];
  /** x, y, width, height of each. */
  boxes: number[];
  crowd: boolean[];
  areas: (number | undefined)[];
}

const FIELDS = {
  images: ['id', 'file_name', 'height', 'width'],
  categories: ['id', 'name'],
  annotations: ['id', 'image_id', 'category_id', 'bbox', 'area', 'iscrowd'],
};

/** Reads COCO's JSON of instances. @throws as `readJsonRecords`; DATA_INVALID, naming the record, if it is anything else */
export async function readAnnotations(path: string): Promise<CocoAnnotations> {
  const found: CocoAnnotations = {
    images: [],
    categories: [],
    count: 0,
    ids: [],
    imageIds: [],
    categoryIds: [],
    boxes: [],
    crowd: [],
    areas: [],
  };
  const counts: Record<string, number> = { images: 0, categories: 0, annotations: 0 };
  const most: Record<string, number> = {
    images: MOST_IMAGES,
    categories: MOST_CATEGORIES,
    annotations: MOST_ANNOTATIONS,
  };
  const adders: Record<string, (fields: Fields) => void> = {
    images: (fields) => found.images.push(imageOf(fields)),
    categories: (fields) => found.categories.push({ id: fields.integer('id'), name: fields.text('name') }),
    annotations: (fields) => addAnnotation(found, fields),
  };
  await readJsonRecords(path, FIELDS, (list, record) => {
    const number = counts[list]!++;
    const fields = new Fields(record, `${list}[${number}] of '${path}'`);
    if (number >= most[list]!) throw fields.invalid(`at most ${most[list]} of them`, 'more');
    adders[list]!(fields);
  });
  if (found.images.length === 0 || found.categories.length === 0) {
    throw new ResnetError(
      'DATA_INVALID',
      `'${path}' must have images and categories, as COCO's files of instances do, found ${found.images.length} images and ` +
        `${found.categories.length} categories.`,
    );
  }
  return found;
}

function imageOf(fields: Fields): CocoAnnotations['images'][number] {
  const fileName = fields.text('file_name');
  // It becomes a part of a path.
  if (/^[/\\]|\\|(^|\/)\.{0,2}(\/|$)|^[a-z]:/i.test(fileName)) {
    throw fields.invalid('a file_name inside the folder of images', quote(fileName));
  }
  const side = (name: string) => fields.integer(name, 1, MOST_SIDE);
  return { id: fields.integer('id'), fileName, size: [side('height'), side('width')] };
}

function addAnnotation(found: CocoAnnotations, fields: Fields): void {
  found.count++;
  found.ids.push(fields.has('id') ? fields.integer('id') : undefined);
  found.imageIds.push(fields.integer('image_id'));
  found.categoryIds.push(fields.integer('category_id'));
  found.boxes.push(...fields.box('bbox'));
  found.crowd.push(fields.has('iscrowd') && fields.integer('iscrowd', 0, 1) === 1);
  found.areas.push(fields.has('area') ? fields.number('area') : undefined);
}
