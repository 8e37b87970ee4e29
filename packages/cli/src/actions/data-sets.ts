import { ResnetError } from '@resnet/core';
import {
  channelStatistics,
  type Dataset,
  IMAGENET_NORMALIZATION,
  type ImageSet,
  type Normalization,
  perPixelMeanNormalization,
  selectImages,
} from '@resnet/data';
import {
  type DatasetKind,
  type DownloadCifarOptions,
  downloadCifar10,
  downloadCifar100,
  folderParts,
  openDataset,
  readCifar10,
  readCifar100,
  readDigits,
} from '@resnet/data/node';
import { defined } from '../defined.js';
import { formatSome } from '../format.js';
import { checkName } from './check-name.js';

/** A data set as the commands name it. */
export interface DataSet {
  /** The recipe that is made for it. */
  recipe: string;
  /**
   * Fetches the set into the folder `data`, unless it is there.
   *
   * @returns where its files are
   */
  download(
    data: string | undefined,
    options: Pick<DownloadCifarOptions, 'onProgress' | 'signal'>,
  ): Promise<string>;
  /**
   * `data` is the folder of the set's files, or their archive.
   *
   * @param isSplit whether test images are going to be taken of them, so that a set without parts will do
   */
  readTrain(data: string | undefined, isSplit?: boolean): Promise<Images>;
  readTest(data: string | undefined, limit?: number): Promise<Images>;
  /** How images are normalised in training: the paper's way, or what suits the set. */
  normalization(train: Images): Normalization;
}

/** Images in memory, or files. */
export type Images = ImageSet | Dataset;

const cifar = (name: string, read: typeof readCifar10, download: typeof downloadCifar10): DataSet => ({
  recipe: 'cifar10-paper',
  download: async (data, options) => download(cifarData(name, data), options),
  readTrain: async (data) => read(cifarData(name, data), 'train'),
  readTest: async (data, limit) => read(cifarData(name, data), 'test', defined({ limit })),
  normalization: (train) => perPixelMeanNormalization(train as ImageSet),
});

const digits: DataSet = {
  recipe: 'digits',
  async download() {
    throw new ResnetError(
      'OPTION_INVALID',
      'The data set digits comes with this program and takes no --download.',
    );
  },
  async readTrain(data) {
    refuseData(data);
    return (await readDigits()).train;
  },
  async readTest(data, limit = Number.POSITIVE_INFINITY) {
    refuseData(data);
    const { test } = await readDigits();
    const count = Math.min(limit, test.count);
    return count === test.count
      ? test
      : selectImages(
          test,
          Array.from({ length: count }, (_, index) => index),
        );
  },
  normalization(train) {
    const { mean, std } = channelStatistics(train as ImageSet);
    return { mean: Float32Array.from(mean), std: Float32Array.from(std) };
  },
};

type Purpose = 'train' | 'test';

/** Image files; `takesAll`: whether a folder of classes without parts will do. */
const files = (
  kind: DatasetKind,
  open: (data: string, purpose: Purpose, takesAll: boolean) => Promise<Dataset>,
): DataSet => ({
  recipe: 'imagenet-torchvision',
  async download() {
    throw new ResnetError('OPTION_INVALID', `The data set '${kind}' takes no --download: get it yourself.`);
  },
  readTrain: async (data, isSplit = false) => open(given(kind, data), 'train', isSplit),
  async readTest(data, limit) {
    const set = await open(given(kind, data), 'test', true);
    return limit === undefined ? set : firstOf(set, limit);
  },
  normalization: () => IMAGENET_NORMALIZATION,
});

function given(kind: DatasetKind, data: string | undefined): string {
  if (data !== undefined) return data;
  throw new ResnetError('OPTION_INVALID', `The data set '${kind}' needs --data: the folder of its parts.`);
}

function openImagenet(data: string, purpose: Purpose): Promise<Dataset> {
  return openDataset(data, { kind: 'imagenet', part: purpose === 'train' ? 'train' : 'val' });
}

/** What the parts of a folder may be called, the first one that is there. */
const partsFor: Record<Purpose, readonly string[]> = {
  train: ['train', 'training'],
  test: ['val', 'valid', 'validation', 'test'],
};

async function openFolder(data: string, purpose: Purpose, takesAll: boolean): Promise<Dataset> {
  const names = partsFor[purpose];
  const parts = await folderParts(data);
  const part = names.find((name) => parts.some((found) => found.toLowerCase() === name));
  if (part !== undefined) return openDataset(data, { kind: 'folder', part });
  const needed = `'${data}' must hold a folder ${names.join(' or ')} with the folders of the classes`;
  const advice =
    purpose === 'train'
      ? 'Give --hold-out to test with so many of its images, or move some into val and the others into train.'
      : 'Make one, or in training give --hold-out to test with so many of the training images.';
  if (parts.length > 0) {
    throw new ResnetError('DATA_MISSING', `${needed}, found the parts ${parts.join(', ')}. ${advice}`);
  }
  if (takesAll) return openDataset(data, { kind: 'folder', part: '.' });
  const { classes } = await openDataset(data, { kind: 'folder', part: '.' });
  throw new ResnetError(
    'DATA_MISSING',
    `${needed}, found folders of images: ${formatSome(classes)}. ${advice}`,
  );
}

function firstOf(set: Dataset, limit: number): Dataset {
  const count = Math.min(limit, set.count);
  return { ...set, count, labels: set.labels.subarray(0, count) };
}

const dataSets = {
  cifar10: cifar('cifar10', readCifar10, downloadCifar10),
  cifar100: cifar('cifar100', readCifar100, downloadCifar100),
  digits,
  folder: files('folder', openFolder),
  imagenet: files('imagenet', openImagenet),
};

/** @throws UNKNOWN_NAME */
export function dataSet(name: string): DataSet {
  return dataSets[checkName('data set', name, Object.keys(dataSets) as (keyof typeof dataSets)[])];
}

function cifarData(name: string, data: string | undefined): string {
  if (data !== undefined) return data;
  throw new ResnetError(
    'OPTION_INVALID',
    `The data set ${name} needs --data: its archive, the folder with its files, or with --download the folder to fetch it into.`,
  );
}

function refuseData(data: string | undefined): void {
  if (data === undefined) return;
  throw new ResnetError(
    'OPTION_INVALID',
    'The data set digits comes with this program and takes no --data; for CIFAR-10 give --dataset cifar10.',
  );
}
