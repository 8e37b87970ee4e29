import { ResnetError } from '@resnet/core';
import { decodeImageFile } from '../images/decode-image.node.js';
import { noSuchIndex } from '../sets/dataset.js';
import type { DetectionDataset, ImageObjects } from './detection-dataset.js';

/** What the images of a set in files have, by their index. */
export interface FileObjects extends Pick<DetectionDataset, 'name' | 'classes' | 'ignored' | 'repaired'> {
  names: readonly string[];
  paths: readonly string[];
  sizes: readonly (readonly [height: number, width: number])[];
  objects(index: number): ImageObjects;
}

/** The set of these files. @throws DATA_MISSING if there is none */
export function fileObjects(files: FileObjects): DetectionDataset {
  const { names, paths, sizes, objects, ...set } = files;
  const count = names.length;
  if (count === 0)
    throw new ResnetError('DATA_MISSING', `'${set.name}' must have at least one image, found none.`);
  const at = <T>(list: readonly T[], index: number): T => {
    const entry = list[index];
    if (entry !== undefined) return entry;
    throw noSuchIndex(set.name, count, index);
  };
  return {
    ...set,
    count,
    objects(index) {
      at(names, index);
      return objects(index);
    },
    imageName: (index) => at(names, index),
    size: (index) => at(sizes, index),
    async read(index, admit) {
      const path = at(paths, index);
      const image = await decodeImageFile(path, admit);
      const [height, width] = sizes[index]!;
      if (image.height === height && image.width === width) return image;
      throw new ResnetError(
        'IMAGE_INVALID',
        `'${path}' must have the ${height} x ${width} pixels that its annotation says, found ${image.height} x ${image.width}: its boxes ` +
          'may belong to an image that was scaled or rotated. Correct the annotation.',
      );
    },
    encoded: async (index) => at(paths, index),
  };
}
