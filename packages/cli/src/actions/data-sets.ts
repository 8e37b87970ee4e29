import { ResnetError } from '@resnet/backend';
import {
  channelStatistics,
  type ImageSet,
  type Normalization,
  perPixelMeanNormalization,
  selectImages,
} from '@resnet/data';
import { readCifar10, readCifar100, readDigits } from '@resnet/data/node';
import { defined } from '../defined.js';
import { checkName } from './check-name.js';

/** A data set as the commands name it. */
export interface DataSet {
  /** The recipe that is made for it. */
  recipe: string;
  /** `data` is the folder of the set's files, or their archive. */
  readAll(data: string | undefined): Promise<{ train: ImageSet; test: ImageSet }>;
  readTest(data: string | undefined, limit?: number): Promise<ImageSet>;
  /** How images are normalised in training: the paper's way, or what suits the set. */
  normalization(train: ImageSet): Normalization;
}

const cifar = (name: string, read: typeof readCifar10): DataSet => ({
  recipe: 'cifar10-paper',
  async readAll(data) {
    const given = cifarData(name, data);
    return { train: await read(given, 'train'), test: await read(given, 'test') };
  },
  readTest: async (data, limit) => read(cifarData(name, data), 'test', defined({ limit })),
  normalization: perPixelMeanNormalization,
});

const digits: DataSet = {
  recipe: 'digits',
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
  cifar10: cifar('cifar10', readCifar10),
  cifar100: cifar('cifar100', readCifar100),
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
    `The data set ${name} needs --data: the archive of its binary version, or the folder with the files of it.`,
  );
}

function refuseData(data: string | undefined): void {
  if (data === undefined) return;
  throw new ResnetError(
    'OPTION_INVALID',
    'The data set digits comes with this program and takes no --data; for CIFAR-10 give --dataset cifar10.',
  );
}
