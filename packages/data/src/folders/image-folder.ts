import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { describeIgnored, IgnoredFilesCounter } from './ignored-files.js';
import {
  countOthers,
  IMAGE_EXTENSIONS,
  type ImageFolder,
  imageFiles,
  imagesIn,
  isWithin,
  LEADING_AROUND,
  listFolder,
  realPath,
} from './image-files.js';

/**
 * Opens a folder with one folder of images for each class, such as ImageNet's training set, as torchvision's `ImageFolder` does.
 * Classes, and the images of a class, are ordered by the code points of their paths, as in torchvision. Links are followed; each
 * folder of a class is read once. Other files, and names that begin with a dot, are skipped and counted in `ignored`. An image
 * file is read only when its image is.
 *
 * @param folder of the classes' folders
 * @throws DATA_MISSING if there is no such folder, no class in it, or no image in one of them; DATA_INVALID if a name
 *   is not UTF-8, as such files could not be opened; FILE_UNREADABLE if the system refuses
 */
export async function imageFolder(folder: string): Promise<ImageFolder> {
  const { files, folders, ...others } = await listFolder(folder);
  const ignored = new IgnoredFilesCounter();
  countOthers(others, '', ignored);
  for (const name of files) ignored.add("beside the classes' folders", name);
  const real = await realPath(folder);
  const classes: string[] = [];
  for (const name of folders) {
    if (isWithin(real, await realPath(join(folder, name)))) ignored.add(LEADING_AROUND, name);
    else classes.push(name);
  }
  if (classes.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold a folder of images for each class, found none, but ${describeIgnored(ignored.list())}. ` +
        "Give the folder that holds the classes' folders, such as train with n01440764 and its sisters.",
    );
  }
  const images = await imagesOfClasses(folder, [...classes.entries()], ignored);
  return imageFiles({ name: folder, classes, ...images, ignored: ignored.list() });
}

/**
 * The images in folders of classes.
 *
 * @param classes the label and the folder's name of each
 * @throws DATA_MISSING if a class has no image, naming what was found instead; as `imagesIn`
 */
export async function imagesOfClasses(
  top: string,
  classes: readonly (readonly [label: number, name: string])[],
  ignored: IgnoredFilesCounter,
): Promise<{ paths: string[]; labels: number[] }> {
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes) {
    for (const path of await imagesOfClass(top, name, ignored)) {
      paths.push(path);
      labels.push(label);
    }
  }
  return { paths, labels };
}

async function imagesOfClass(top: string, name: string, ignored: IgnoredFilesCounter): Promise<string[]> {
  const ofClass = new IgnoredFilesCounter();
  const images = await imagesIn(top, name, {
    add(reason, path) {
      ofClass.add(reason, path);
      ignored.add(reason, path);
    },
  });
  if (images.length > 0) return images;
  throw new ResnetError(
    'DATA_MISSING',
    `The class '${name}' in '${top}' must hold images (${IMAGE_EXTENSIONS.join(', ')}), found none, but ` +
      `${describeIgnored(ofClass.list())}. Add some or remove the folder.`,
  );
}
