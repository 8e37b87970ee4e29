import { ResnetError } from '@resnet/backend';
import {
  channelStatistics,
  type ImageSet,
  type Normalization,
  perPixelMeanNormalization,
  selectImages,
} from '@resnet/data';
import { readCifar10, readDigits } from '@resnet/data/node';
import { defined } from '../defined.js';
import { checkName } from './check-name.js';

/** A data set as the commands name it. */
export interface DataSet {
  /** The recipe that is made for it. */
  recipe: string;
  readAll(folder: string | undefined): Promise<{ train: ImageSet; test: ImageSet }>;
  readTest(folder: string | undefined, limit?: number): Promise<ImageSet>;
  /** How images are normalised in training: the paper's way, or what suits the set. */
  normalization(train: ImageSet): Normalization;
}

const cifar10: DataSet = {
  recipe: 'cifar10-paper',
  async readAll(folder) {
    const given = cifarFolder(folder);
    return { train: await readCifar10(given, 'train'), test: await readCifar10(given, 'test') };
  },
  readTest: async (folder, limit) => readCifar10(cifarFolder(folder), 'test', defined({ limit })),
  normalization: perPixelMeanNormalization,
};

const digits: DataSet = {
  recipe: 'digits',
  async readAll(folder) {
    refuseFolder(folder);
    return readDigits();
  },
  async readTest(folder, limit = Number.POSITIVE_INFINITY) {
    refuseFolder(folder);
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

const dataSets = { cifar10, digits };

/** @throws UNKNOWN_NAME */
export function dataSet(name: string): DataSet {
  return dataSets[checkName('data set', name, Object.keys(dataSets) as (keyof typeof dataSets)[])];
}

function cifarFolder(folder: string | undefined): string {
  if (folder !== undefined) return folder;
  throw new ResnetError(
    'OPTION_INVALID',
    'The data set cifar10 needs --data: the folder with test_batch.bin and the other files of its binary version.',
  );
}

function refuseFolder(folder: string | undefined): void {
  if (folder === undefined) return;
  throw new ResnetError(
    'OPTION_INVALID',
    'The data set digits comes with this program and takes no --data; for CIFAR-10 give --dataset cifar10.',
  );
}
