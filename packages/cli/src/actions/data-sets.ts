import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend';
import {
  channelStatistics,
  type Dataset,
  IMAGENET_NORMALIZATION,
  type ImageSet,
  type Normalization,
  perPixelMeanNormalization,
  scaledCenterCrop,
  selectImages,
  type Transform,
} from '@resnet/data';
import {
  type DatasetKind,
  type DownloadCifarOptions,
  downloadCifar10,
  downloadCifar100,
  openDataset,
  readCifar10,
  readCifar100,
  readDigits,
} from '@resnet/data/node';
import { defined } from '../defined.js';
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
  /** `data` is the folder of the set's files, or their archive. */
  readAll(data: string | undefined): Promise<{ train: Images; test: Images }>;
  readTest(data: string | undefined, limit?: number): Promise<Images>;
  /** How images are normalised in training: the paper's way, or what suits the set. */
  normalization(train: Images): Normalization;
  /** What brings images to one size in tests, where they have many. */
  testTransform?: Transform;
}

/** Images in memory, or files. */
export type Images = ImageSet | Dataset;

const cifar = (name: string, read: typeof readCifar10, download: typeof downloadCifar10): DataSet => ({
  recipe: 'cifar10-paper',
  download: async (data, options) => download(cifarData(name, data), options),
  async readAll(data) {
    const given = cifarData(name, data);
    return { train: await read(given, 'train'), test: await read(given, 'test') };
  },
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
  async readAll(data) {
    refuseData(data);
    return readDigits();
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

/** Image files, whose tests are in a part of one of these names. */
const files = (kind: DatasetKind, testParts: readonly string[]): DataSet => {
  const open = async (data: string | undefined, parts: readonly string[]): Promise<Dataset> => {
    if (data === undefined) {
      throw new ResnetError(
        'OPTION_INVALID',
        `The data set '${kind}' needs --data: the folder of its parts.`,
      );
    }
    const found = await Promise.all(parts.map((part) => isFolder(join(data, part))));
    const part = kind === 'folder' ? (parts[found.indexOf(true)] ?? parts[0]!) : parts[0]!;
    return openDataset(data, { kind, part });
  };
  return {
    recipe: 'imagenet-torchvision',
    async download() {
      throw new ResnetError('OPTION_INVALID', `The data set '${kind}' takes no --download: get it yourself.`);
    },
    readAll: async (data) => ({ train: await open(data, ['train']), test: await open(data, testParts) }),
    async readTest(data, limit) {
      const set = await open(data, testParts);
      return limit === undefined ? set : firstOf(set, limit);
    },
    normalization: () => IMAGENET_NORMALIZATION,
    testTransform: scaledCenterCrop(),
  };
};

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
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
  folder: files('folder', ['val', 'validation', 'test']),
  imagenet: files('imagenet', ['val']),
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
