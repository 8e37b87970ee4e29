import { join } from 'node:path';
import { isImageName, listFolder } from './image-files.js';

/** Names of folders that may be parts of a data set instead of classes. */
const PARTS = ['train', 'training', 'val', 'valid', 'validation', 'test'];

/**
 * The folders in a folder that are parts of a data set. They count as parts if one of them holds folders of classes, or if there
 * are no other folders, as a class may be called 'train' too.
 *
 * @throws DATA_MISSING if there is no such folder; as `imageFolder`
 */
export async function folderParts(folder: string): Promise<string[]> {
  const { folders } = await listFolder(folder);
  const named = folders.filter((name) => PARTS.includes(name.toLowerCase()));
  if (named.length === folders.length) return named;
  const holdClasses = await Promise.all(
    named.map(async (name) => {
      const inner = await listFolder(join(folder, name));
      return inner.folders.length > 0 && !inner.files.some(isImageName);
    }),
  );
  return holdClasses.includes(true) ? named : [];
}

/** A part's folder. Its case may differ if only one folder matches. */
export async function folderOfPart(folder: string, part: string): Promise<string> {
  const { folders } = await listFolder(folder);
  const alike = folders.filter((name) => name.toLowerCase() === part.toLowerCase());
  return join(folder, !folders.includes(part) && alike.length === 1 ? alike[0]! : part);
}
