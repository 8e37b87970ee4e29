import {
  CIFAR_PIXELS,
  CIFAR10,
  CIFAR10_RECORD,
  CIFAR100,
  CIFAR100_RECORD,
  type CifarFormat,
  type CifarImages,
  parseRecords,
} from './format.js';
import { parseCifarPickle } from './pickle.js';

export type CifarPart = 'train' | 'test';

/** One of the formats in which a data set is published. */
export interface CifarVersion {
  /** 'binary version'. */
  name: string;
  archive: string;
  /** The folder in the archive. */
  folder: string;
  files: Record<CifarPart, readonly string[]>;
  /** The largest size of a file of so many images. */
  largestBytes(images: number): number;
  /** How many bytes of a file must be read for its first images. */
  neededBytes(images: number): number;
  /** The first images of a file, at most `most`. */
  parse(labelIndex: number, bytes: Uint8Array, source: string, most: number): CifarImages;
}

/** How a data set is published. */
export interface CifarDistribution {
  name: string;
  /** The number of images in each file of a part. */
  images: Record<CifarPart, number>;
  /** The function that downloads it, for messages. */
  fetchedBy: string;
  binary: CifarVersion;
  python: CifarVersion;
  /** The archive of the binary version. */
  download: { url: string; bytes: number; md5: string };
}

const batches = [1, 2, 3, 4, 5];

export const CIFAR10_DISTRIBUTION: CifarDistribution = {
  name: 'CIFAR-10',
  images: { train: 10_000, test: 10_000 },
  fetchedBy: 'downloadCifar10',
  binary: binaryVersion(CIFAR10, CIFAR10_RECORD, {
    archive: 'cifar-10-binary.tar.gz',
    folder: 'cifar-10-batches-bin',
    files: { train: batches.map((number) => `data_batch_${number}.bin`), test: ['test_batch.bin'] },
  }),
  python: pythonVersion(CIFAR10, {
    archive: 'cifar-10-python.tar.gz',
    folder: 'cifar-10-batches-py',
    files: { train: batches.map((number) => `data_batch_${number}`), test: ['test_batch'] },
  }),
  download: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    bytes: 170_052_171,
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  },
};

export const CIFAR100_DISTRIBUTION: CifarDistribution = {
  name: 'CIFAR-100',
  images: { train: 50_000, test: 10_000 },
  fetchedBy: 'downloadCifar100',
  binary: binaryVersion(CIFAR100, CIFAR100_RECORD, {
    archive: 'cifar-100-binary.tar.gz',
    folder: 'cifar-100-binary',
    files: { train: ['train.bin'], test: ['test.bin'] },
  }),
  python: pythonVersion(CIFAR100, {
    archive: 'cifar-100-python.tar.gz',
    folder: 'cifar-100-python',
    files: { train: ['train'], test: ['test'] },
  }),
  download: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
    bytes: 168_513_733,
    md5: '03b5dce01913d631647c71ecec9e9cb8',
  },
};

type Files = Pick<CifarVersion, 'archive' | 'folder' | 'files'>;

function binaryVersion(format: CifarFormat, recordBytes: number, files: Files): CifarVersion {
  return {
    ...files,
    name: 'binary version',
    largestBytes: (images) => images * recordBytes,
    neededBytes: (images) => images * recordBytes,
    parse: (labelIndex, bytes, source, most) =>
      parseRecords(format, labelIndex, bytes.subarray(0, most * recordBytes), source),
  };
}

function pythonVersion(format: CifarFormat, files: Files): CifarVersion {
  // Pixels take up to two bytes as UTF-8, in which Python 3 writes bytes in protocol 2; labels and names take some.
  const largestImage = 2 * CIFAR_PIXELS + 256;
  return {
    ...files,
    name: 'Python version',
    largestBytes: (images) => images * largestImage,
    neededBytes: () => Number.POSITIVE_INFINITY,
    parse: (labelIndex, bytes, source, most) => parseCifarPickle(format, labelIndex, bytes, source, most),
  };
}
