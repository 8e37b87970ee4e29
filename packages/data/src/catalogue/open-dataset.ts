import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ResnetError } from '@resnet/core';
import { listFolder } from '../folders/image-files.js';
import type { Dataset } from '../sets/dataset.js';
import { toDataset } from '../sets/read-image-set.js';
import { allEntries, datasetEntry, datasetNames } from './catalogue.js';
import type { Found } from './entry.js';

export interface OpenOptions {
  /** What it is, by its name in the catalogue (`datasetNames()`); by default that is told by looking. */
  kind?: string;
  /**
   * 'train' by default, or 'test' (CIFAR, digits), 'val' (ImageNet), a folder in the folder ('.' is the folder itself, whatever
   * its folders are called), a part of Parquet files.
   */
  part?: string;
  /** The column of the labels of Parquet files, as `readParquet` takes it. */
  label?: string;
}

/**
 * Opens a data set that lies in a file or folder: CIFAR, ImageNet, Parquet files, a folder of images for each class, or of a kind
 * that `registerDataset` has added. Tells them apart by what is there.
 *
 * @param path of the file or folder, or 'digits'
 * @throws DATA_MISSING if there is nothing; DATA_INVALID if it is nothing known; OPTION_INVALID if an option doesn't
 *   suit it or a part has to be chosen; UNKNOWN_NAME for an unknown kind or part; and what `readCifar10`,
 *   `readCifar100`, `readImagenet`, `readParquet` and `imageFolder` throw
 */
export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  const { kind = await recognize(path), part, label } = options;
  const entry = datasetEntry(kind);
  if (label !== undefined && !entry.hasLabelColumns) {
    throw new ResnetError(
      'OPTION_INVALID',
      `label is a column of Parquet files, but '${path}' is of the kind ${kind}. Leave it out.`,
    );
  }
  if (entry.isIncluded && path !== kind) {
    throw new ResnetError(
      'OPTION_INVALID',
      `The data set '${kind}' comes with its package, and has no path but '${kind}', found '${path}'.`,
    );
  }
  const set = await entry.open(path, {
    ...(part === undefined ? {} : { part }),
    ...(label === undefined ? {} : { label }),
  });
  return 'images' in set ? toDataset(set) : set;
}

async function recognize(path: string): Promise<string> {
  const found = await look(path);
  if (!found) return path;
  for (const [name, entry] of allEntries()) if (await entry.recognizes?.(found)) return name;
  const known = allEntries().flatMap(([, entry]) => (entry.recognizes ? [entry.description] : []));
  throw new ResnetError(
    'DATA_INVALID',
    `'${path}' must be ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, found nothing that tells. If it is one of ` +
      `these, say which: ${datasetNames().join(', ')}.`,
  );
}

/** What lies there; nothing where the path is the name of a set that comes with a package. */
async function look(path: string): Promise<Found | undefined> {
  const isIncluded = allEntries().some(([name, entry]) => entry.isIncluded && name === path);
  const found = await stat(path).catch((cause) => {
    if (isIncluded) return undefined;
    throw new ResnetError('DATA_MISSING', `'${path}' must be a data set, found nothing of this name.`, {
      cause,
    });
  });
  if (!found) return undefined;
  const isFolder = found.isDirectory();
  const { files, folders } = isFolder ? await listFolder(path) : { files: [], folders: [] };
  return { path, name: basename(path), isFolder, files, folders };
}
