import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { IgnoredFilesCounter } from '../../folders/ignored-files.js';
import { listFolder } from '../../folders/image-files.js';
import type { DetectionDataset } from '../detection-dataset.js';
import { fileObjects } from '../file-objects.js';
import { missingFiles } from '../missing-files.js';
import { ObjectTable } from '../object-table.js';
import { repairedBox } from '../repair-box.js';
import { type CocoAnnotations, readAnnotations } from './annotations.js';

export interface CocoOptions {
  /** The file of annotations: 'annotations/instances_val2017.json'. */
  annotations: string;
  /** The folder that the names of image files are relative to: 'val2017'. */
  images: string;
}

/** A set of COCO, with the numbers that its files of results use. */
export interface CocoDataset extends DetectionDataset {
  /** The id of each image. */
  imageIds: readonly number[];
  /** The id of each class: 1 to 90 for COCO's 80 classes. */
  categoryIds: readonly number[];
}

/**
 * Opens a set in the layout of COCO: a JSON file of annotations, and image files. Masks are skipped while the file is read, so
 * that COCO's own of 448 MB takes little memory.
 *
 * Images are in the order of their ids, as in torchvision, and classes in that of their ids; images without objects are among
 * them. Boxes of size zero are left out, and boxes beyond the image clipped; `repaired` counts both. Areas are those of the masks.
 *
 * @throws FILE_UNREADABLE if the file can't be read; DATA_MISSING if there is no such folder or a file in it is missing;
 *   DATA_INVALID, naming the record, if the file is anything else, ids of images or categories are there twice, or an annotation names
 *   an image or a category that is not there
 */
export async function readCoco({ annotations: path, images: folder }: CocoOptions): Promise<CocoDataset> {
  const found = await readAnnotations(path);
  const images = [...found.images].sort((a, b) => a.id - b.id);
  const categories = [...found.categories].sort((a, b) => a.id - b.id);
  const indexOfImage = indicesOf(path, 'images', images);
  const labelOf = indicesOf(path, 'categories', categories);
  checkNames(
    path,
    'file_name',
    images.map(({ fileName }) => fileName),
  );
  checkNames(
    path,
    'name',
    categories.map(({ name }) => name),
  );
  await checkFiles(
    folder,
    images.map(({ fileName }) => fileName),
  );

  const repaired = new IgnoredFilesCounter();
  const table = new ObjectTable();
  for (let row = 0; row < found.count; row++) {
    const where = `annotation ${row} (id ${found.ids[row]})`;
    const image = indexOfImage.get(found.imageIds[row]!);
    const label = labelOf.get(found.categoryIds[row]!);
    if (image === undefined || label === undefined) {
      const what =
        image === undefined ? `image_id ${found.imageIds[row]}` : `category_id ${found.categoryIds[row]}`;
      throw new ResnetError(
        'DATA_INVALID',
        `Every annotation of '${path}' must name an image and a category of the file, but ${where} has ${what}, which is not there.`,
      );
    }
    const [x, y, width, height] = found.boxes.slice(4 * row, 4 * row + 4) as [number, number, number, number];
    const { size, fileName } = images[image]!;
    const box = repairedBox([x, y, x + width, y + height], size, `${quote(fileName)} ${where}`, repaired);
    if (box) table.add({ image, label, box, crowd: found.crowd[row]!, area: found.areas[row] });
  }
  countRepeated(found, repaired);
  const hasAreas = found.areas.some((area) => area !== undefined);
  const set = fileObjects({
    name: path,
    classes: categories.map(({ name }) => name),
    names: images.map(({ fileName }) => fileName),
    paths: images.map(({ fileName }) => join(folder, fileName)),
    sizes: images.map(({ size }) => size),
    objects: table.byImage(images.length, hasAreas ? ['crowd', 'areas'] : ['crowd']),
    repaired: repaired.list(),
  });
  return { ...set, imageIds: images.map(({ id }) => id), categoryIds: categories.map(({ id }) => id) };
}

/** The position of each id. */
function indicesOf(path: string, list: string, records: readonly { id: number }[]): Map<number, number> {
  const indices = new Map<number, number>();
  for (const [index, { id }] of records.entries()) {
    if (indices.has(id)) {
      throw new ResnetError(
        'DATA_INVALID',
        `The ${list} of '${path}' must have different ids, found ${id} twice.`,
      );
    }
    indices.set(id, index);
  }
  return indices;
}

function checkNames(path: string, field: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new ResnetError(
        'DATA_INVALID',
        `Every ${field} in '${path}' must be there once, found ${quote(name)} twice.`,
      );
    }
    seen.add(name);
  }
}

/** Each folder is listed once, as asking for every file takes long on network disks. */
async function checkFiles(folder: string, names: readonly string[]): Promise<void> {
  const byFolder = new Map<string, string[]>();
  for (const name of names) {
    const inner = name.slice(0, name.lastIndexOf('/') + 1);
    const known = byFolder.get(inner);
    if (known) known.push(name);
    else byFolder.set(inner, [name]);
  }
  const missing: string[] = [];
  for (const [inner, wanted] of byFolder) {
    const there = new Set((await listFolder(join(folder, inner))).files);
    for (const name of wanted) if (!there.has(name.slice(inner.length))) missing.push(name);
  }
  if (missing.length > 0) throw missingFiles(folder, 'images', missing);
}

/** Annotations with an id that another one has; pycocotools loses all but the last of them. */
function countRepeated({ ids }: CocoAnnotations, repaired: IgnoredFilesCounter): void {
  const sorted = Float64Array.from(ids.filter((id) => id !== undefined)).sort();
  for (let at = 1; at < sorted.length; at++) {
    if (sorted[at] === sorted[at - 1])
      repaired.add('with the id of another annotation, kept', `annotation id ${sorted[at]}`);
  }
}
