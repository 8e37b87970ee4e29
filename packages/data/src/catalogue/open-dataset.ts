import { ResnetError } from '@resnet/core';
import type { Dataset } from '../sets/dataset.js';
import { toDataset } from '../sets/to-dataset.js';
import { allEntries, datasetEntry, datasetNames } from './catalogue.js';
import { look } from './look.js';

export interface OpenOptions {
  /** The kind of data set, by its name in the catalogue (`datasetNames()`); by default it is recognized. */
  kind?: string;
  /**
   * 'train' by default, or 'test' (CIFAR, digits), 'val' (ImageNet), a folder in the folder ('.' is the folder itself, whatever
   * its folders are called), a part of Parquet files or of tar shards.
   */
  part?: string;
  /** The column of the labels of Parquet files, as `readParquet` takes it. */
  label?: string;
}

/**
 * Opens the data set in a file or folder: CIFAR, ImageNet, Parquet files, tar shards (also at an address), a folder of images
 * for each class, or a kind that `registerDataset` has added. The kind is recognized by the files.
 *
 * @param path of the file or folder, the address of an index of tar shards, or 'digits'
 * @throws DATA_MISSING if there is nothing; DATA_INVALID if the kind is not recognized; OPTION_INVALID if an option doesn't
 *   apply to it or a part has to be chosen; UNKNOWN_NAME for an unknown kind or part; and what `readCifar10`,
 *   `readCifar100`, `readImagenet`, `readParquet`, `tarShards` and `imageFolder` throw
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
  return toDataset(await entry.open(path, { part, label }));
}

async function recognize(path: string): Promise<string> {
  const isIncluded = allEntries().some(([name, entry]) => entry.isIncluded && name === path);
  const found = await look(path).catch((error) => {
    // The path may also be the name of an included set.
    if (isIncluded && error.code === 'DATA_MISSING') return undefined;
    throw error;
  });
  if (!found) return path;
  for (const [name, entry] of allEntries()) if (await entry.recognizes?.(found)) return name;
  const known = allEntries().flatMap(([, entry]) => (entry.recognizes ? [entry.description] : []));
  throw new ResnetError(
    'DATA_INVALID',
    `'${path}' must be ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, found nothing that tells. If it is one of ` +
      `these, say which: ${datasetNames().join(', ')}.`,
  );
}
