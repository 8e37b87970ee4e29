import { ResnetError } from '@resnet/backend';
import {
  channelStatistics,
  type ImageSet,
  type Normalization,
  perPixelMeanNormalization,
  selectImages,
} from '@resnet/data';
import {
  type DownloadCifarOptions,
  downloadCifar10,
  downloadCifar100,
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
  readAll(data: string | undefined): Promise<{ train: ImageSet; test: ImageSet }>;
  readTest(data: string | undefined, limit?: number): Promise<ImageSet>;
  /** How images are normalised in training: the paper's way, or what suits the set. */
  normalization(train: ImageSet): Normalization;
}

const cifar = (name: string, read: typeof readCifar10, download: typeof downloadCifar10): DataSet => ({
  recipe: 'cifar10-paper',
  download: async (data, options) => download(cifarData(name, data), options),
  async readAll(data) {
    const given = cifarData(name, data);
    return { train: await read(given, 'train'), test: await read(given, 'test') };
  },
  readTest: async (data, limit) => read(cifarData(name, data), 'test', defined({ limit })),
  normalization: perPixelMeanNormalization,
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
    const { mean, std } = channelStatistics(train);
    return { mean: Float32Array.from(mean), std: Float32Array.from(std) };
  },
};

const dataSets = {
  cifar10: cifar('cifar10', readCifar10, downloadCifar10),
  cifar100: cifar('cifar100', readCifar100, downloadCifar100),
  digits,
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
