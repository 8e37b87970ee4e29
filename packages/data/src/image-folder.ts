import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import {
  countOthers,
  IMAGE_ENDINGS,
  type ImageFolder,
  imageFiles,
  imagesIn,
  isWithin,
  LEADING_AROUND,
  listFolder,
  realPath,
} from './image-files.js';
import { describeLeftOut, LeftOutCounter } from './left-out.js';

/**
 * A folder with one folder of images for each class, as ImageNet's training set and PyTorch's `ImageFolder` have it.
 * Classes are in the order of their names, images in that of folders and names within a class, by code point, as
 * torchvision has them. Links are followed, each folder of a class once. Other files, and names that begin with a dot,
 * are passed over and counted in `leftOut`. Images are read when asked for.
 *
 * @param folder of the classes' folders
 * @throws DATA_MISSING if there is no such folder, no class in it, or no image in one of them; DATA_INVALID if a name
 *   is not UTF-8, as such files could not be opened; FILE_UNREADABLE if the system refuses
 */
export async function imageFolder(folder: string): Promise<ImageFolder> {
  const { files, folders, ...others } = await listFolder(folder);
  const leftOut = new LeftOutCounter();
  countOthers(others, '', leftOut);
  for (const name of files) leftOut.add("beside the classes' folders", name);
  const real = await realPath(folder);
  const classes: string[] = [];
  for (const name of folders) {
    if (isWithin(real, await realPath(join(folder, name)))) leftOut.add(LEADING_AROUND, name);
    else classes.push(name);
  }
  if (classes.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold a folder of images for each class, found none, but ${describeLeftOut(leftOut.list())}. ` +
        "Give the folder that holds the classes' folders, such as train with n01440764 and its sisters.",
    );
  }
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes.entries()) {
    for (const path of await imagesOfClass(folder, name, leftOut)) {
      paths.push(path);
      labels.push(label);
    }
  }
  return imageFiles({ name: folder, classes, labels, paths, leftOut: leftOut.list() });
}

/** @throws DATA_MISSING if there is none, telling what there is instead */
export async function imagesOfClass(top: string, name: string, leftOut: LeftOutCounter): Promise<string[]> {
  const ofClass = new LeftOutCounter();
  const images = await imagesIn(top, name, {
    add(reason, path) {
      ofClass.add(reason, path);
      leftOut.add(reason, path);
    },
  });
  if (images.length > 0) return images;
  throw new ResnetError(
    'DATA_MISSING',
    `The class '${name}' in '${top}' must hold images (${IMAGE_ENDINGS.join(', ')}), found none, but ` +
      `${describeLeftOut(ofClass.list())}. Add some or remove the folder.`,
  );
}
