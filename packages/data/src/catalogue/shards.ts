import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { folderOfPart, folderParts } from '../folders/folder-parts.js';
import { listFolder } from '../folders/image-files.js';
import { isShardName, shardParts } from '../shards/find-shards.js';
import { isAddress } from '../shards/shard-streams.js';
import { tarShards } from '../shards/tar-shards.js';
import { IMAGENET_NORMALIZATION } from '../statistics/normalization.js';
import type { DatasetEntry, Found, OpenRequest } from './entry.js';
import { type PartForm, partFor } from './parts.js';

export const shards: DatasetEntry = {
  description: 'tar shards',
  recognizes: holdsShards,
  async open(path, request) {
    const { source, part } = await chosenShards(path, request);
    return tarShards(source, { part });
  },
  usual: { recipe: 'imagenet-torchvision', normalization: () => IMAGENET_NORMALIZATION },
};

/** Whether it is a folder of shards, or of parts that are such folders. Any other folder may hold an archive. */
async function holdsShards({ path, isFolder, files, folders }: Found): Promise<boolean> {
  if (isAddress(path)) return true;
  if (!isFolder) return false;
  if (files.some(isShardName)) return folders.length === 0 || files.includes('index.json');
  if (folders.length === 0 || (await folderParts(path)).length < folders.length) return false;
  const ofParts = await Promise.all(folders.map((name) => listFolder(join(path, name))));
  return ofParts.every((part) => part.files.some(isShardName));
}

const form: PartForm = {
  noun: 'tar shards of a part',
  whole: () => 'shards whose names tell of no part',
  advice:
    "Shards can't be split: make some of each part, as resnet data shard --part train and --part val do.",
};

async function chosenShards(
  path: string,
  request: OpenRequest,
): Promise<{ source: string; part?: string | undefined }> {
  const { part, purpose } = request;
  const { files, folders } = isAddress(path) ? { files: [path], folders: [] } : await listFolder(path);
  if (folders.length > 0 && !files.some(isShardName)) {
    const chosen = part ?? (purpose && (await partFor(path, folders, request, form)));
    if (chosen !== undefined) return { source: await folderOfPart(path, chosen) };
    throw new ResnetError(
      'OPTION_INVALID',
      `'${path}' has shards of several parts: ${folders.join(', ')}. Choose one as the part.`,
    );
  }
  if (part !== undefined || purpose === undefined) return { source: path, part };
  return { source: path, part: await partFor(path, await shardParts(path), request, form) };
}
