import { ResnetError } from '@resnet/core';
import { folderOfPart, folderParts } from '../folders/folder-parts.js';
import { imageFolder } from '../folders/image-folder.js';
import { IMAGENET_NORMALIZATION } from '../statistics/normalization.js';
import type { DatasetEntry, OpenRequest } from './entry.js';
import { partFor } from './parts.js';

export const folder: DatasetEntry = {
  description: 'a folder of images for each class',
  recognizes: ({ folders }) => folders.length > 0,
  open: async (path, request) => imageFolder(await chosenFolder(path, request)),
  usual: { recipe: 'imagenet-torchvision', normalization: () => IMAGENET_NORMALIZATION },
};

async function chosenFolder(path: string, request: OpenRequest): Promise<string> {
  if (request.part !== undefined) return folderOfPart(path, request.part);
  const parts = await folderParts(path);
  if (request.purpose !== undefined) {
    const part = await partFor(path, parts, request, {
      noun: 'a folder',
      contents: 'with the folders of the classes',
      whole: async () => `folders of images: ${someOf((await imageFolder(path)).classes)}`,
    });
    return folderOfPart(path, part ?? '.');
  }
  // Read as classes, parts would train a network to tell test images.
  if (parts.length === 0) return path;
  throw new ResnetError(
    'OPTION_INVALID',
    `'${path}' must hold a folder of images for each class, found the parts ${parts.join(', ')}. Choose one as the part, ` +
      "or '.' if these are classes.",
  );
}

function someOf(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}
