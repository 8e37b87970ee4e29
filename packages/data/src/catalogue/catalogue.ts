import { noteRegistered, ResnetError, unknownName } from '@resnet/core';
import { cifar10, cifar100 } from './cifar.js';
import { digits } from './digits.js';
import type { DatasetEntry } from './entry.js';
import { folder } from './folder.js';
import { imagenet } from './imagenet.js';
import { parquet } from './parquet.js';
import { shards } from './shards.js';

/** In the order in which they are tried: `folder` after all that look at files, as it recognizes any folder of folders. */
const builtIn = { parquet, cifar10, cifar100, imagenet, shards, folder, digits };

const entries = new Map<string, DatasetEntry>(Object.entries(builtIn));

/**
 * Adds a custom kind of data set. `openDataset` then opens it by this name, or recognizes it before all earlier kinds.
 *
 * @param name lower-case letters, digits and hyphens
 * @throws OPTION_INVALID if the name has other characters or is taken
 */
export function registerDataset(name: string, entry: DatasetEntry): void {
  const problem = !/^[a-z][a-z0-9-]*$/.test(name)
    ? 'must be lower-case letters, digits and hyphens'
    : entries.has(name)
      ? 'must be a new one'
      : undefined;
  if (problem !== undefined) {
    throw new ResnetError('OPTION_INVALID', `The name of a kind of data set ${problem}, found '${name}'.`);
  }
  const before = [...entries];
  entries.clear();
  for (const [key, value] of [[name, entry] as const, ...before]) entries.set(key, value);
  noteRegistered('kind of data set', name);
}

/** The names of all kinds of data sets. */
export function datasetNames(): string[] {
  return [...entries.keys()].sort();
}

/** The entry of a kind of data set. @throws UNKNOWN_NAME */
export function datasetEntry(name: string): DatasetEntry {
  const entry = entries.get(name);
  if (!entry) throw unknownName('kind of data set', name, datasetNames());
  return entry;
}

/** All kinds, in the order in which they are tried. */
export function allEntries(): [name: string, entry: DatasetEntry][] {
  return [...entries];
}
