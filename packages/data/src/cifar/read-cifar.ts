import { join } from 'node:path';
import { checkInteger, ResnetError } from '@resnet/core';
import { streamRegularFile, unreadable } from '@resnet/files/node';
import { isFile } from '../folders/kind-at.js';
import { readArchive } from '../formats/read-archive.js';
import type { ImageSet } from '../sets/image-set.js';
import { CIFAR10_CLASSES } from './classes.js';
import {
  CIFAR10_DISTRIBUTION,
  CIFAR100_DISTRIBUTION,
  type CifarDistribution,
  type CifarPart,
  type CifarVersion,
} from './distribution.js';
import {
  CIFAR_PIXELS,
  CIFAR_SIZE,
  type Cifar100Labels,
  type CifarImages,
  cifar100Classes,
  cifar100LabelIndex,
} from './format.js';

/**
 * Reads CIFAR-10, binary or Python version: 50,000 images to train on or 10,000 to test with, 32x32, RGB.
 *
 * @param folderOrArchive the folder that holds `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`
 *   (Python version: the same without `.bin`), or the one that the archive was unpacked in (which holds
 *   `cifar-10-batches-bin` or `cifar-10-batches-py`), or the archive itself, `cifar-10-binary.tar.gz` or
 *   `cifar-10-python.tar.gz`, which is read in memory and no further than it has to be
 * @param options.limit at most this many images, the first ones; no more of these files than has to be is
 *   read
 * @throws DATA_MISSING if a file of the part is missing; DATA_INVALID if one is cut off, damaged, or a pickle
 *   that asks for more than numbers, text and arrays, or if an archive is damaged, or is none, or holds a
 *   file twice or larger than the official one; FILE_UNREADABLE if the system refuses to read one;
 *   OPTION_INVALID if the limit is not an integer above 0
 */
export async function readCifar10(
  folderOrArchive: string,
  part: CifarPart,
  options: { limit?: number | undefined } = {},
): Promise<ImageSet> {
  const images = await readImages(CIFAR10_DISTRIBUTION, folderOrArchive, part, 0, options.limit);
  return imageSet(`CIFAR-10 ${part}`, images, CIFAR10_CLASSES);
}

/**
 * Reads CIFAR-100, binary or Python version: 50,000 images to train on or 10,000 to test with, 32x32, RGB.
 *
 * @param folderOrArchive the folder that holds `train.bin` and `test.bin` (Python version: `train` and
 *   `test`), or the one that the archive was unpacked in (which holds `cifar-100-binary` or
 *   `cifar-100-python`), or the archive itself, `cifar-100-binary.tar.gz` or `cifar-100-python.tar.gz`, which
 *   is read in memory and no further than it has to be
 * @param options.limit at most this many images, the first ones; no more of the file than has to be is read
 * @param options.labels the labels of the 100 classes, or those of the 20 superclasses; default 'fine'
 * @throws DATA_MISSING if the file of the part is missing; DATA_INVALID if it is cut off, damaged, or a
 *   pickle that asks for more than numbers, text and arrays, or if an archive is damaged, or is none, or
 *   holds the file larger than the official one; FILE_UNREADABLE if the system refuses to read it;
 *   OPTION_INVALID if the limit is not an integer above 0; UNKNOWN_NAME if there are no such labels
 */
export async function readCifar100(
  folderOrArchive: string,
  part: CifarPart,
  options: { limit?: number | undefined; labels?: Cifar100Labels } = {},
): Promise<ImageSet> {
  const { limit, labels = 'fine' } = options;
  const classes = cifar100Classes(labels);
  const labelIndex = cifar100LabelIndex(labels);
  const images = await readImages(CIFAR100_DISTRIBUTION, folderOrArchive, part, labelIndex, limit);
  return imageSet(`CIFAR-100 ${part}`, images, classes);
}

function imageSet(name: string, images: CifarImages, classes: readonly string[]): ImageSet {
  return { name, ...images, height: CIFAR_SIZE, width: CIFAR_SIZE, channels: 3, classes };
}

/** What to read of a distribution. */
interface Request {
  distribution: CifarDistribution;
  part: CifarPart;
  labelIndex: number;
  limit: number;
}

/** The files of a part of one version; `read` gives the first images of one, at most `most`. */
interface Opened {
  files: readonly string[];
  read(name: string, most: number): Promise<CifarImages>;
}

async function readImages(
  distribution: CifarDistribution,
  folderOrArchive: string,
  part: CifarPart,
  labelIndex: number,
  limit = Number.POSITIVE_INFINITY,
): Promise<CifarImages> {
  if (limit !== Number.POSITIVE_INFINITY) checkInteger('limit', limit, 1);
  const request = { distribution, part, labelIndex, limit };
  const open = (await isFile(folderOrArchive)) ? openArchive : openFolder;
  const { files, read } = await open(request, folderOrArchive);
  const parts: CifarImages[] = [];
  let count = 0;
  for (const name of files) {
    if (count >= limit) break;
    const found = await read(name, limit - count);
    parts.push(found);
    count += found.count;
  }
  return parts.length === 1 ? parts[0]! : joined(parts, count);
}

function joined(parts: readonly CifarImages[], count: number): CifarImages {
  const images = new Uint8Array(count * CIFAR_PIXELS);
  const labels = new Uint8Array(count);
  let first = 0;
  for (const part of parts) {
    images.set(part.images, first * CIFAR_PIXELS);
    labels.set(part.labels, first);
    first += part.count;
  }
  return { images, labels, count };
}

async function openFolder({ distribution, part, labelIndex }: Request, folder: string): Promise<Opened> {
  const { location, version } = await locate(distribution, folder, part);
  return {
    files: version.files[part],
    async read(name, most) {
      const source = join(location, name);
      const bytes = await readStart(source, version.neededBytes(most));
      return version.parse(labelIndex, bytes, source, most);
    },
  };
}

async function openArchive(request: Request, archive: string): Promise<Opened> {
  const { distribution, part, labelIndex, limit } = request;
  const versions = versionsOf(distribution);
  const versionOf = (name: string) => versions.find(({ files }) => files[part].includes(name))!;
  // Files may be in any order; those beyond the limit are not needed.
  const isComplete = (version: CifarVersion, found: ReadonlyMap<string, CifarImages>) => {
    let count = 0;
    for (const name of version.files[part]) {
      if (count >= limit) break;
      const images = found.get(name);
      if (images === undefined) return false;
      count += images.count;
    }
    return true;
  };
  const advice = (version: CifarVersion) =>
    `${origin(distribution, version)} Download it again, or unpack it with tar and give the folder.`;

  const found = await readArchive(archive, {
    files: versions.flatMap(({ files }) => files[part]),
    largestBytes: (name) => versionOf(name).largestBytes(distribution.images[part]),
    keptBytes: (name) => versionOf(name).neededBytes(limit),
    // At once, so that the memory of the file can be freed.
    keep: (name, bytes) => versionOf(name).parse(labelIndex, bytes, `${name} in '${archive}'`, limit),
    isEnough: (files) => versions.some((version) => isComplete(version, files)),
    advice: advice(distribution.binary),
  });
  const version = versions.find((version) => isComplete(version, found));
  if (version === undefined) {
    const { missing, version } = leastMissing(
      versions.map((version) => ({
        version,
        missing: version.files[part].filter((name) => !found.has(name)),
      })),
    );
    const rest = found.size === 0 ? 'none of its files' : [...found.keys()].join(', ');
    throw new ResnetError(
      'DATA_MISSING',
      `${distribution.name} is not complete: ${missing.join(', ')} not found; '${archive}' has ${rest}. ` +
        advice(version),
    );
  }
  return {
    files: version.files[part],
    async read(name, most) {
      const { images, labels, count } = found.get(name)!;
      found.delete(name);
      if (count <= most) return { images, labels, count };
      return {
        images: images.subarray(0, most * CIFAR_PIXELS),
        labels: labels.subarray(0, most),
        count: most,
      };
    },
  };
}

const versionsOf = ({ binary, python }: CifarDistribution) => [binary, python];

function origin({ name, fetchedBy }: CifarDistribution, version: CifarVersion): string {
  const fetched = version.name === 'binary version' ? `; ${fetchedBy} fetches it` : '';
  return `The ${name} ${version.name} is ${version.archive}, from the CIFAR page of the University of Toronto${fetched}.`;
}

/** The folder that has all files of a part. */
async function locate(
  distribution: CifarDistribution,
  folder: string,
  part: CifarPart,
): Promise<{ location: string; version: CifarVersion }> {
  const looked: { location: string; version: CifarVersion; missing: string[] }[] = [];
  for (const version of versionsOf(distribution)) {
    for (const location of [folder, join(folder, version.folder)]) {
      const files = version.files[part];
      const found = await Promise.all(files.map((file) => isFile(join(location, file))));
      if (!found.includes(false)) return { location, version };
      looked.push({ location, version, missing: files.filter((_, index) => !found[index]) });
    }
  }
  const { missing, version } = leastMissing(looked);
  const locations = [...new Set(looked.map(({ location }) => location))];
  throw new ResnetError(
    'DATA_MISSING',
    `${distribution.name} is not complete: ${missing.join(', ')} not found; looked in '${locations.join("' and '")}'. ` +
      `${origin(distribution, version)} Give its path; or unpack it with \`tar xzf ${version.archive}\` and give the ` +
      `folder ${version.folder}, or the one that holds it.`,
  );
}

function leastMissing<T extends { missing: readonly string[] }>(candidates: readonly T[]): T {
  return candidates.reduce((least, next) => (next.missing.length < least.missing.length ? next : least));
}

async function readStart(path: string, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of streamRegularFile(path, mostBytes)) chunks.push(chunk);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return Buffer.concat(chunks);
}
