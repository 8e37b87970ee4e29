import { defined, ResnetError } from '@resnet/core';
import { type Dataset, type ImageSet, type Normalization, sliceImages } from '@resnet/data';
import { type DatasetEntry, type DownloadOptions, datasetEntry } from '@resnet/data/node';

/** A data set of the catalogue as the commands name it. */
export interface DataSet {
  /** The name of its usual recipe. */
  recipe: string;
  /**
   * Fetches the set into the folder `data`, unless it is there.
   *
   * @returns where its files are
   */
  download(data: string | undefined, options: DownloadOptions): Promise<string>;
  /**
   * `data` is the folder of the set's files, or their archive.
   *
   * @param isSplit whether test images are going to be taken from them, so that a set without parts is enough
   */
  readTrain(data: string | undefined, isSplit?: boolean): Promise<Images>;
  readTest(data: string | undefined, limit?: number): Promise<TestImages>;
  /** The usual normalization for training. */
  normalization(train: Images): Normalization;
}

/** Images in memory, or files. */
export type Images = ImageSet | Dataset;

/** The first images of a set, or all of them. */
export type TestImages = Images & {
  /** How many images the set has without the limit. */
  wholeCount?: number;
};

/** @throws UNKNOWN_NAME */
export function dataSet(name: string): DataSet {
  const entry = datasetEntry(name);
  return {
    recipe: entry.usual.recipe,
    normalization: entry.usual.normalization,
    async download(data, options) {
      if (entry.download) return entry.download(pathOf(name, entry, data), options);
      const reason = entry.isIncluded
        ? `The data set ${name} comes with this program and takes no --download.`
        : `The data set '${name}' takes no --download: get it yourself.`;
      throw new ResnetError('OPTION_INVALID', reason);
    },
    readTrain: async (data, isSplit = false) =>
      entry.open(pathOf(name, entry, data), { purpose: 'train', isSplit }),
    async readTest(data, limit) {
      const set = await entry.open(pathOf(name, entry, data), { purpose: 'test', ...defined({ limit }) });
      if (limit === undefined || limit >= set.count) return set;
      return { ...sliceImages(set, 0, limit), wholeCount: set.count };
    },
  };
}

function pathOf(name: string, { isIncluded, download }: DatasetEntry, data: string | undefined): string {
  if (isIncluded) {
    if (data === undefined) return name;
    throw new ResnetError(
      'OPTION_INVALID',
      `The data set ${name} comes with this program and takes no --data; for CIFAR-10 give --dataset cifar10.`,
    );
  }
  if (data !== undefined) return data;
  throw new ResnetError(
    'OPTION_INVALID',
    download
      ? `The data set ${name} needs --data: its archive, the folder with its files, or with --download the folder to fetch it into.`
      : `The data set '${name}' needs --data: the folder of its parts.`,
  );
}
