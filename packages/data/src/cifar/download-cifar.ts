import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError, throwIfAborted } from '@resnet/core';
import {
  type DownloadProgress,
  fetchElsewhere,
  fetchFile,
  Interruption,
  type RemoteFile,
  type RetryPolicy,
  retryPolicy,
} from '@resnet/files';
import {
  type FileCollector,
  openCollector,
  removeTemporaries,
  streamRegularFile,
  unwritable,
  withLock,
  writeWholeFile,
} from '@resnet/files/node';
import { fileSize, isFile } from '../folders/kind-at.js';
import { readArchive } from '../formats/read-archive.js';
import {
  CIFAR10_DISTRIBUTION,
  CIFAR100_DISTRIBUTION,
  type CifarDistribution,
  type CifarPart,
  type CifarVersion,
} from './distribution.js';

export interface DownloadCifarOptions {
  /** The archive's address; by default that at the University of Toronto. It must be the same file, byte for byte. */
  url?: string;
  /** Called as bytes arrive; not called if the set is already there. */
  onProgress?: (progress: DownloadProgress) => void;
  retry?: Partial<RetryPolicy>;
  signal?: AbortSignal;
}

/**
 * Downloads the binary version of CIFAR-10 into a folder and unpacks it there, unless the folder has the set. The folder then has
 * `cifar-10-binary.tar.gz` (170 MB), which may be removed, and the folder `cifar-10-batches-bin` (184 MB). An interrupted download
 * is resumed, also by a later call. The archive appears only when its MD5 is the published one. Each file of the set appears
 * whole, and nothing else of the archive is written.
 *
 * @param folder created if missing; if it has a set that `readCifar10` would find, that set is used
 * @returns the folder with the files, for `readCifar10`
 * @throws DOWNLOAD_FAILED if the server can't be reached (the message says how to get the archive otherwise) or its answer can't
 *   be used; DOWNLOAD_FORBIDDEN if it refuses the archive; DATA_MISSING if it has none; DATA_INVALID if it has another one;
 *   FILE_UNWRITABLE; OPTION_INVALID if the folder is a file or the url is no URL; ABORTED
 */
export function downloadCifar10(folder: string, options: DownloadCifarOptions = {}): Promise<string> {
  return downloadCifar(CIFAR10_DISTRIBUTION, folder, options);
}

/**
 * Downloads the binary version of CIFAR-100 into a folder and unpacks it there, as `downloadCifar10` does:
 * `cifar-100-binary.tar.gz` (169 MB) and the folder `cifar-100-binary` (184 MB).
 *
 * @returns the folder with the files, for `readCifar100`
 * @throws as `downloadCifar10` does
 */
export function downloadCifar100(folder: string, options: DownloadCifarOptions = {}): Promise<string> {
  return downloadCifar(CIFAR100_DISTRIBUTION, folder, options);
}

/** `downloadCifar10` and `downloadCifar100`. */
export async function downloadCifar(
  distribution: CifarDistribution,
  folder: string,
  options: DownloadCifarOptions,
): Promise<string> {
  const { url = distribution.download.url, signal } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `url must be an address as '${distribution.download.url}', found '${url}'.`,
    );
  }
  if (await isFile(folder)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `${distribution.name} is fetched into a folder, found the file '${folder}'. Name a folder; an archive can be read as it is.`,
    );
  }
  const found = await findSet(distribution, folder);
  if (found !== undefined) return found;

  const archive = join(folder, distribution.binary.archive);
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw unwritable(folder, cause, 'another folder');
  });
  // Another process may download the same set, and finish before this one gets the lock.
  return withLock(archive, signal, async () => {
    const found = await findSet(distribution, folder);
    return found ?? fetchSet(distribution, folder, archive, { ...options, url });
  });
}

/** Downloads the archive, unless it is there, and unpacks it. @returns the folder with the files */
async function fetchSet(
  distribution: CifarDistribution,
  folder: string,
  archive: string,
  options: DownloadCifarOptions & { url: string },
): Promise<string> {
  const { binary } = distribution;
  await removeTemporaries(folder, (name) => name === binary.archive);
  if (!(await isRight(archive, distribution, options.signal))) {
    await fetchArchive(distribution, archive, options);
  }
  const location = join(folder, binary.folder);
  await unpack(distribution, archive, location, options.signal);
  return location;
}

/** The folder with the whole set, if there is one. */
async function findSet(distribution: CifarDistribution, folder: string): Promise<string | undefined> {
  const { binary, python } = distribution;
  for (const location of [folder, join(folder, binary.folder)]) {
    if (await isWhole(distribution, location)) return location;
  }
  for (const location of [folder, join(folder, python.folder)]) {
    if (await hasFiles(location, python, (size) => size > 0)) return location;
  }
  return undefined;
}

/** Whether a folder has all files of the binary version. */
function isWhole({ binary, images }: CifarDistribution, location: string): Promise<boolean> {
  return hasFiles(location, binary, (size, part) => size === binary.largestBytes(images[part]));
}

async function hasFiles(
  location: string,
  version: CifarVersion,
  isSize: (size: number, part: CifarPart) => boolean,
): Promise<boolean> {
  for (const part of ['train', 'test'] as const) {
    for (const name of version.files[part]) {
      const size = await fileSize(join(location, name));
      if (size === undefined || !isSize(size, part)) return false;
    }
  }
  return true;
}

/** Whether the whole archive is there. */
async function isRight(
  archive: string,
  { download }: CifarDistribution,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if ((await fileSize(archive)) !== download.bytes) return false;
  const hash = createHash('md5');
  try {
    for await (const chunk of streamRegularFile(archive)) {
      throwIfAborted(signal, 'The download');
      hash.update(chunk);
    }
  } catch (error) {
    if (ResnetError.is(error)) throw error;
    return false;
  }
  return hash.digest('hex') === download.md5;
}

async function fetchArchive(
  { binary, download }: CifarDistribution,
  archive: string,
  { url, onProgress, retry, signal }: DownloadCifarOptions & { url: string },
): Promise<void> {
  const file: RemoteFile = {
    url,
    name: binary.archive,
    server: new URL(url).host,
    codes: { missing: 'DATA_MISSING', corrupt: 'DATA_INVALID' },
    forbiddenAdvice: 'It may be the network that refuses it.',
    bytes: download.bytes,
    checksum: `MD5 ${download.md5}`,
  };
  const elsewhere = 'another folder';
  const wrong = new ResnetError('DATA_INVALID', `The archive must have the ${file.checksum}.`);

  async function* checked(chunks: AsyncIterable<Uint8Array>) {
    const hash = createHash('md5');
    for await (const chunk of chunks) {
      throwIfAborted(signal, 'The download');
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest('hex') !== download.md5) throw wrong;
  }

  /** Copies while it checks, as another process may still write to the collected file. */
  async function accept(collector: FileCollector): Promise<true | undefined> {
    try {
      await writeWholeFile(archive, checked(collector.chunks()));
      return true;
    } catch (error) {
      if (error === wrong) return undefined;
      const isOfDisk = ResnetError.is(error) && error.code === 'FILE_UNWRITABLE' && error.cause !== undefined;
      throw isOfDisk ? unwritable(archive, error.cause, elsewhere) : error;
    }
  }

  const connection = { retry: retryPolicy(retry), signal };
  try {
    await fetchFile(file, () => openCollector(`${archive}.part`, elsewhere), accept, connection, onProgress);
  } catch (error) {
    const way = `${fetchElsewhere({ ...file, url: download.url })} and put it at ${archive}`;
    throw withHelp(error, file, way);
  }
}

const codesToHelpWith = ['DOWNLOAD_FAILED', 'DOWNLOAD_FORBIDDEN', 'DATA_MISSING', 'DATA_INVALID'];

/** @param way how a person can get the file */
function withHelp(error: unknown, file: RemoteFile, way: string): unknown {
  const help = `Otherwise ${way}.`;
  if (error instanceof Interruption) {
    const message = `Can't download ${file.name} from ${file.url}: ${error.message}. What has arrived is kept; call again to resume. ${help}`;
    return new ResnetError('DOWNLOAD_FAILED', message, { cause: error });
  }
  if (!ResnetError.is(error) || !codesToHelpWith.includes(error.code)) return error;
  const end = error.message.endsWith('.') ? '' : '.';
  return new ResnetError(error.code, `${error.message}${end} ${help}`, { cause: error });
}

/** Writes the files of the set into one folder, whatever their folders are in the archive. */
async function unpack(
  distribution: CifarDistribution,
  archive: string,
  location: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name: set, binary, images } = distribution;
  const parts = ['train', 'test'] as const;
  const files = parts.flatMap((part) => binary.files[part]);
  const sizeOfFile = (name: string) =>
    binary.largestBytes(images[binary.files.train.includes(name) ? 'train' : 'test']);
  await removeTemporaries(location, (name) => files.includes(name)).catch(() => {});
  await readArchive(archive, {
    files,
    largestBytes: sizeOfFile,
    keptBytes: sizeOfFile,
    async keep(name, bytes) {
      throwIfAborted(signal, 'Unpacking');
      await writeWholeFile(join(location, name), bytes);
    },
    isEnough: (found) => found.size === files.length,
    advice: 'Remove it and download it again.',
  });
  if (await isWhole(distribution, location)) return;
  throw new ResnetError(
    'DATA_INVALID',
    `'${archive}' must hold all files of ${set}, found others. Remove it and download it again.`,
  );
}
