import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { byExtension, IgnoredFilesCounter } from '../folders/ignored-files.js';
import {
  countOthers,
  type ImageFolder,
  imageFiles,
  isImageName,
  listFolder,
} from '../folders/image-files.js';
import { imagesOfClasses } from '../folders/image-folder.js';
import { isFolder } from '../folders/kind-at.js';
import { IMAGENET_CLASSES } from './classes.js';
import { findLabels, readValidationLabels } from './validation-labels.js';

/** The folders of the parts, within the given one: unpacked by hand, and as in Kaggle's archive. */
const LOCATIONS = ['', 'ILSVRC/Data/CLS-LOC', 'Data/CLS-LOC', 'CLS-LOC'];

/**
 * ILSVRC2012, the ImageNet of the paper: folders of images for each class, named by WordNet ids, in `train` and `val`; or a flat
 * `val` with `ILSVRC2012_val_00000001.JPEG` and so on, and a file of labels; both also in the folders of Kaggle's archive
 * (`ILSVRC/Data/CLS-LOC/train`). An image file is read only when its image is.
 *
 * Classes are the 1000 WordNet ids of `IMAGENET_CLASSES` and labels are indices into them, even where a folder has
 * only some of the classes.
 *
 * @param folder that holds `train` and `val`, or Kaggle's `ILSVRC`
 * @param options.labels the file with the labels of a flat `val`: `imagenet_2012_validation_synset_labels.txt` (a
 *   WordNet id a line, in the order of the images), Kaggle's `LOC_val_solution.csv`, or the development kit's
 *   `ILSVRC2012_validation_ground_truth.txt` with its `meta.mat` beside it; by default one of these names beside or
 *   in `val`, or in the folder
 * @throws DATA_MISSING if the part, the labels or an image that has a label is missing; DATA_INVALID if a folder is no
 *   class, or the labels are damaged, unknown or don't match the images (the message names the line); FILE_UNREADABLE if the
 *   system refuses
 */
export async function readImagenet(
  folder: string,
  part: 'train' | 'val',
  options: { labels?: string } = {},
): Promise<ImageFolder> {
  const { base, location } = await locate(folder, part);
  const { files, folders, ...others } = await listFolder(location);
  const ignored = new IgnoredFilesCounter();
  countOthers(others, '', ignored);
  for (const file of files) if (!isImageName(file)) ignored.add(byExtension(file), file);
  const name = `ImageNet ${part}`;
  const classes = IMAGENET_CLASSES.map(({ id }) => id);
  const images = files.filter(isImageName);
  if (folders.length > 0 && images.length === 0) {
    const labeled = folders.map((id) => [labelOf(id, classes, location), id] as const);
    const found = await imagesOfClasses(location, labeled, ignored);
    return imageFiles({ name, classes, ...found, ignored: ignored.list() });
  }
  if (part === 'train' || images.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${location}' must hold a folder of images for each class, named by WordNet ids such as n01440764, found ` +
        `${folders.length} folders and ${images.length} images. Unpack the archives of the classes into such folders.`,
    );
  }
  const path = options.labels ?? (await findLabels([location, base, folder]));
  const idOf = await readValidationLabels(path, images, location);
  const labels = images.map((image) => classes.indexOf(idOf.get(image)!));
  for (const folder of folders) ignored.add('folders beside the images', folder);
  const paths = images.map((image) => join(location, image));
  return imageFiles({ name, classes, labels, paths, ignored: ignored.list() });
}

/** Whether `readImagenet` can read a folder, judging by the names of classes or validation images in its parts. */
export async function looksLikeImagenet(folder: string): Promise<boolean> {
  const ids = new Set(IMAGENET_CLASSES.map(({ id }) => id));
  for (const inner of LOCATIONS) {
    for (const part of ['train', 'val']) {
      const location = join(folder, inner, part);
      if (!(await isFolder(location))) continue;
      const { files, folders } = await listFolder(location);
      if (folders.some((name) => ids.has(name))) return true;
      if (files.some((name) => name.startsWith('ILSVRC2012_val_'))) return true;
    }
  }
  return false;
}

async function locate(folder: string, part: string): Promise<{ base: string; location: string }> {
  for (const inner of LOCATIONS) {
    const base = join(folder, inner);
    const location = join(base, part);
    if (await isFolder(location)) return { base, location };
  }
  throw new ResnetError(
    'DATA_MISSING',
    `'${folder}' must hold ImageNet's folder '${part}', as '${part}' or '${LOCATIONS[1]}/${part}', found neither. ` +
      'Give the folder that holds it.',
  );
}

/** The label of a folder that is named by a WordNet id. @throws DATA_INVALID if it is no class of ILSVRC2012 */
function labelOf(id: string, classes: readonly string[], location: string): number {
  const label = classes.indexOf(id);
  if (label >= 0) return label;
  throw new ResnetError(
    'DATA_INVALID',
    `The folders in '${location}' must be named by the WordNet ids of ILSVRC2012's 1000 classes, found '${id}'. ` +
      "Remove it, or read the folder as a folder of images if it isn't ImageNet.",
  );
}
