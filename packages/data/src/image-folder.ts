import { join } from 'node:path';
import { ResnetError } from '@resnet/backend/error';
import { IMAGE_ENDINGS, type ImageFolder, imageFiles, imagesIn, listFolder } from './image-files.js';

/**
 * A folder with one folder of images for each class, as ImageNet's training set and PyTorch's `ImageFolder` have it.
 * Classes are in the order of their names, images in that of their paths; images may lie in folders of their own
 * within a class. Other files, and names that begin with a dot, are passed over. Images are read when asked for.
 *
 * @param folder of the classes' folders
 * @throws DATA_MISSING if there is no such folder, no class in it, or no image in one of them; DATA_INVALID if a name
 *   is not UTF-8, as such files could not be opened; FILE_UNREADABLE if the system refuses
 */
export async function imageFolder(folder: string): Promise<ImageFolder> {
  const { folders } = await listFolder(folder);
  if (folders.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold a folder of images for each class, found none. Give the folder that holds the ` +
        "classes' folders, such as train with n01440764 and its sisters.",
    );
  }
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of folders.entries()) {
    const images = await imagesIn(join(folder, name));
    if (images.length === 0) {
      throw new ResnetError(
        'DATA_MISSING',
        `The class '${name}' in '${folder}' must hold images (${IMAGE_ENDINGS.join(', ')}), found none. Add some ` +
          'or remove the folder.',
      );
    }
    for (const path of images) {
      paths.push(path);
      labels.push(label);
    }
  }
  return imageFiles({ name: folder, classes: folders, labels, paths });
}
