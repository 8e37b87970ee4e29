import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ResnetError, unknownName } from '@resnet/core';
import {
  CIFAR10_DISTRIBUTION,
  CIFAR100_DISTRIBUTION,
  type CifarDistribution,
} from '../cifar/distribution.js';
import { readCifar10, readCifar100 } from '../cifar/read-cifar.js';
import { folderOfPart, folderParts } from '../folders/folder-parts.js';
import { listFolder } from '../folders/image-files.js';
import { imageFolder } from '../folders/image-folder.js';
import { readParquet } from '../formats/parquet/read-parquet.js';
import { looksLikeImagenet, readImagenet } from '../imagenet/read-imagenet.js';
import type { Dataset } from '../sets/dataset.js';
import { toDataset } from '../sets/read-image-set.js';

/** What `openDataset` can open. */
export const DATASET_KINDS = ['cifar10', 'cifar100', 'folder', 'imagenet', 'parquet'] as const;

export type DatasetKind = (typeof DATASET_KINDS)[number];

export interface OpenOptions {
  /** What it is; by default that is told by looking. */
  kind?: DatasetKind;
  /**
   * 'train' by default, or 'test' (CIFAR), 'val' (ImageNet), a folder in the folder ('.' is the folder itself, whatever its
   * folders are called), a part of Parquet files.
   */
  part?: string;
  /** The column of the labels of Parquet files, as `readParquet` takes it. */
  label?: string;
}

/**
 * Opens a data set that lies in a file or folder: CIFAR, ImageNet, Parquet files, or a folder of images for each class.
 * Tells them apart by what is there.
 *
 * @throws DATA_MISSING if there is nothing; DATA_INVALID if it is nothing known; OPTION_INVALID if an option doesn't
 *   suit it or a part has to be chosen; UNKNOWN_NAME for an unknown kind or part; and what `readCifar10`,
 *   `readCifar100`, `readImagenet`, `readParquet` and `imageFolder` throw
 */
export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  const { kind = await recognize(path), part, label } = options;
  if (label !== undefined && kind !== 'parquet') {
    throw new ResnetError(
      'OPTION_INVALID',
      `label is a column of Parquet files, but '${path}' is of the kind ${kind}. Leave it out.`,
    );
  }
  switch (kind) {
    case 'cifar10':
      return toDataset(await readCifar10(path, checkPart(part, ['train', 'test'])));
    case 'cifar100':
      return toDataset(await readCifar100(path, checkPart(part, ['train', 'test'])));
    case 'imagenet':
      return readImagenet(path, checkPart(part, ['train', 'val']));
    case 'parquet':
      return readParquet(path, {
        ...(part === undefined ? {} : { part }),
        ...(label === undefined ? {} : { label }),
      });
    case 'folder':
      return imageFolder(part === undefined ? await withoutParts(path) : await folderOfPart(path, part));
    default:
      throw unknownName('kind of data set', kind, DATASET_KINDS);
  }
}

function checkPart<Part extends string>(part = 'train', known: readonly Part[]): Part {
  const found = known.find((name) => name === part);
  if (found === undefined) throw unknownName('part', part, known);
  return found;
}

async function recognize(path: string): Promise<DatasetKind> {
  const found = await stat(path).catch((cause) => {
    throw new ResnetError('DATA_MISSING', `'${path}' must be a data set, found nothing of this name.`, {
      cause,
    });
  });
  const kind = found.isDirectory() ? await kindOfFolder(path) : kindOfFile(basename(path));
  if (kind) return kind;
  throw new ResnetError(
    'DATA_INVALID',
    `'${path}' must be a folder of images for each class, ImageNet's folder, Parquet files, or CIFAR's folder or ` +
      `archive, found nothing that tells. If it is one of these, say which: ${DATASET_KINDS.join(', ')}.`,
  );
}

function kindOfFile(name: string): DatasetKind | undefined {
  if (name.endsWith('.parquet')) return 'parquet';
  if (/cifar-?100.*\.(tar\.gz|tgz)$/.test(name)) return 'cifar100';
  if (/cifar-?10\b.*\.(tar\.gz|tgz)$/.test(name)) return 'cifar10';
  return undefined;
}

async function kindOfFolder(path: string): Promise<DatasetKind | undefined> {
  const { files, folders } = await listFolder(path);
  if (files.some((name) => name.endsWith('.parquet'))) return 'parquet';
  if (isCifar(CIFAR10_DISTRIBUTION, files, folders)) return 'cifar10';
  if (isCifar(CIFAR100_DISTRIBUTION, files, folders)) return 'cifar100';
  if (await looksLikeImagenet(path)) return 'imagenet';
  return folders.length > 0 ? 'folder' : undefined;
}

function isCifar(
  { binary, python }: CifarDistribution,
  files: readonly string[],
  folders: readonly string[],
): boolean {
  return [binary, python].some(
    (version) =>
      folders.includes(version.folder) ||
      [...version.files.train, ...version.files.test].some((name) => files.includes(name)),
  );
}

/** The folder, unless its folders are parts: read as classes, they would train a network to tell test images. */
async function withoutParts(path: string): Promise<string> {
  const parts = await folderParts(path);
  if (parts.length === 0) return path;
  throw new ResnetError(
    'OPTION_INVALID',
    `'${path}' must hold a folder of images for each class, found the parts ${parts.join(', ')}. Choose one as the part, ` +
      "or '.' if these are classes.",
  );
}
