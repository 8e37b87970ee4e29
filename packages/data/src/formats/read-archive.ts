import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ResnetError } from '@resnet/core';
import { streamRegularFile, unreadable } from '@resnet/files/node';
import { readTar, type TarEntry } from './tar.js';

/** What to read of an archive. */
export interface ArchiveRequest<T> {
  /** Base names of the files. */
  files: readonly string[];
  /** The largest size of this file. */
  largestBytes(name: string): number;
  /** How many bytes of this file are read, from its start. */
  keptBytes(name: string): number;
  /** Called with each file as soon as it is read. */
  keep(name: string, bytes: Uint8Array): T | Promise<T>;
  /** Whether nothing more is needed; asked after each file. */
  isEnough(found: ReadonlyMap<string, T>): boolean;
  /** What to do about a bad archive, at the end of messages. */
  advice: string;
}

/**
 * Reads files of a tar archive compressed by gzip, one after the other, by their exact base names, in any folder of the archive.
 * Links and all other entries are skipped; nothing is written to disk. Reading ends with the last file that is needed, so what
 * follows is not checked.
 *
 * @returns the results of `keep` for the files found, by base name
 * @throws DATA_INVALID if the archive is cut off, damaged, or none, or if a wanted file is too large or there
 *   twice; FILE_UNREADABLE if the system refuses to read the archive
 */
export async function readArchive<T>(path: string, request: ArchiveRequest<T>): Promise<Map<string, T>> {
  const { files, keep, isEnough, advice } = request;
  const found = new Map<string, T>();
  // The errors of both streams come out of the iteration.
  const unpacked = pipeline(streamRegularFile(path), createGunzip({ chunkSize: 2 ** 17 }), () => {});
  try {
    for await (const entry of readTar(unpacked)) {
      const name = entry.name.slice(entry.name.lastIndexOf('/') + 1);
      if (entry.kind !== 'file' || !files.includes(name)) continue;
      if (found.has(name)) {
        throw new ResnetError('DATA_INVALID', `'${path}' must hold ${name} once, found it twice. ${advice}`);
      }
      found.set(name, await keep(name, await readEntry(path, name, entry, request)));
      if (isEnough(found)) break;
    }
  } catch (cause) {
    throw asResnetError(path, cause as NodeJS.ErrnoException, advice);
  } finally {
    unpacked.destroy();
  }
  return found;
}

async function readEntry(
  path: string,
  name: string,
  entry: TarEntry,
  request: ArchiveRequest<unknown>,
): Promise<Uint8Array> {
  const largestBytes = request.largestBytes(name);
  if (entry.size > largestBytes) {
    throw new ResnetError(
      'DATA_INVALID',
      `${name} in '${path}' must have at most ${largestBytes} bytes, found ${entry.size}. ${request.advice}`,
    );
  }
  return entry.read(request.keptBytes(name));
}

function asResnetError(path: string, cause: NodeJS.ErrnoException, advice: string): ResnetError {
  if (ResnetError.is(cause)) return cause;
  if (cause.syscall !== undefined) {
    return unreadable(path, cause);
  }
  const found =
    cause.code === 'Z_BUF_ERROR'
      ? 'that its end is missing'
      : `that it is none or is damaged (${cause.message.replace(/\.$/, '')})`;
  return new ResnetError(
    'DATA_INVALID',
    `'${path}' must be a whole tar archive packed by gzip, found ${found}. ${advice}`,
    { cause },
  );
}
