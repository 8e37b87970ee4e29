import { unknownName } from '@resnet/core';
import {
  CIFAR10_DISTRIBUTION,
  CIFAR100_DISTRIBUTION,
  type CifarDistribution,
  type CifarPart,
} from '../cifar/distribution.js';
import { downloadCifar10, downloadCifar100 } from '../cifar/download-cifar.js';
import { readCifar10, readCifar100 } from '../cifar/read-cifar.js';
import type { ImageSet } from '../sets/image-set.js';
import { perPixelMeanNormalization } from '../statistics/normalization.js';
import type { DatasetEntry, Found } from './entry.js';

const PARTS: readonly CifarPart[] = ['train', 'test'];

export const cifar10 = cifar(CIFAR10_DISTRIBUTION, {
  archive: /cifar-?10\b.*\.(tar\.gz|tgz)$/,
  read: readCifar10,
  download: downloadCifar10,
});

export const cifar100 = cifar(CIFAR100_DISTRIBUTION, {
  archive: /cifar-?100.*\.(tar\.gz|tgz)$/,
  read: readCifar100,
  download: downloadCifar100,
});

function cifar(
  distribution: CifarDistribution,
  {
    archive,
    read,
    download,
  }: { archive: RegExp; read: typeof readCifar10; download: typeof downloadCifar10 },
): DatasetEntry {
  return {
    description: `${distribution.name}'s folder or archive`,
    recognizes: (found) => (found.isFolder ? holdsFiles(distribution, found) : archive.test(found.name)),
    open: (path, { part, purpose, limit }) => read(path, checkPart(part ?? purpose ?? 'train'), { limit }),
    download,
    usual: {
      recipe: 'cifar10-paper',
      normalization: (train) => perPixelMeanNormalization(train as ImageSet),
    },
  };
}

function checkPart(part: string): CifarPart {
  const found = PARTS.find((name) => name === part);
  if (found === undefined) throw unknownName('part', part, PARTS);
  return found;
}

function holdsFiles({ binary, python }: CifarDistribution, { files, folders }: Found): boolean {
  return [binary, python].some(
    (version) =>
      folders.includes(version.folder) ||
      [...version.files.train, ...version.files.test].some((name) => files.includes(name)),
  );
}
