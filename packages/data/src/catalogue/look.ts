import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ResnetError } from '@resnet/core';
import { listFolder } from '../folders/image-files.js';
import { isAddress } from '../shards/shard-streams.js';
import type { Found } from './entry.js';

/** What is at a path; an address is not requested. @throws DATA_MISSING if there is nothing; FILE_UNREADABLE */
export async function look(path: string): Promise<Found> {
  if (isAddress(path)) return { path, name: basename(path), isFolder: false, files: [], folders: [] };
  const found = await stat(path).catch((cause) => {
    throw new ResnetError('DATA_MISSING', `'${path}' must be a data set, found nothing of this name.`, {
      cause,
    });
  });
  const isFolder = found.isDirectory();
  const { files, folders } = isFolder ? await listFolder(path) : { files: [], folders: [] };
  return { path, name: basename(path), isFolder, files, folders };
}
