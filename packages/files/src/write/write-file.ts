import type { Stats } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ResnetError, throwIfAborted } from '@resnet/core';
import { syncFolder, syncToDisk } from './sync-to-disk.js';
import { temporaryName } from './temporary-files.js';

export interface WriteOptions {
  /** Whether an existing file is replaced. Default true. */
  replace?: boolean;
  /** Whether only its owner may read the file, and the folders that are made for it. Default false. */
  isPrivate?: boolean;
  /** If it has fired before the file is whole, nothing appears. */
  signal?: AbortSignal;
  /** Called once the file is on the disk, before it gets its name; if it throws, nothing appears. */
  beforeRename?: () => Promise<void>;
}

/** The errors of file systems without hard links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL'];

/**
 * Writes a file, creating its folder. The file appears whole or not at all: it is written under an unpredictable temporary name in
 * the same folder, synced and renamed. An existing file stays until then, and its permissions are kept. A symbolic link is
 * replaced, not followed. Anything but a regular file, such as a folder or a device, is neither replaced nor written to.
 *
 * @param contents the whole contents, or pieces; if the pieces end with an error, nothing appears
 * @throws FILE_UNWRITABLE if the file or its folder can't be written, or something exists that may not be replaced; ABORTED; a
 *   `ResnetError` of the pieces
 */
export async function writeWholeFile(
  path: string,
  contents: Uint8Array | string | AsyncIterable<Uint8Array>,
  { replace = true, isPrivate = false, signal, beforeRename }: WriteOptions = {},
): Promise<void> {
  const temporary = temporaryName(path);
  let isMade = false;
  try {
    await mkdir(dirname(path), { recursive: true, mode: isPrivate ? 0o700 : 0o777 });
    const found = await findReplaceable(path);
    if (found && !replace) throw alreadyExists(path);
    const file = await open(temporary, 'wx', isPrivate ? 0o600 : 0o666);
    // From here on there is a file to remove on failure, and it is our own.
    isMade = true;
    try {
      for await (const piece of isPieces(contents) ? contents : [contents]) {
        throwIfAborted(signal, `Writing ${path}`);
        await file.writeFile(piece);
      }
      if (found?.isFile() && !isPrivate) await keepPermissions(file, found);
      await syncToDisk(file);
    } finally {
      await file.close();
    }
    throwIfAborted(signal, `Writing ${path}`);
    await beforeRename?.();
    await (replace ? rename(temporary, path) : renameToNew(temporary, path));
    await syncFolder(dirname(path));
  } catch (cause) {
    if (isMade) await rm(temporary, { force: true }).catch(() => {});
    if (ResnetError.is(cause)) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ResnetError('FILE_UNWRITABLE', `Can't write ${path}: ${problem}.`, { cause });
  }
}

function isPieces(contents: object | string): contents is AsyncIterable<Uint8Array> {
  return typeof contents === 'object' && Symbol.asyncIterator in contents;
}

/** Gives the new file the owner and permissions of the one that it replaces, as far as the system allows it. */
async function keepPermissions(file: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  if (uid !== process.getuid?.() || gid !== process.getgid?.()) await file.chown(uid, gid).catch(() => {});
  await file.chmod(mode & 0o777).catch(() => {});
}

/** The regular file that is at a path, if there is one. @throws Error if it is something else that must stay */
async function findReplaceable(path: string): Promise<Stats | undefined> {
  const found = await lstat(path).catch(() => undefined);
  // A link counts as its target: /dev/stdout leads to a terminal or pipe.
  const reached = found?.isSymbolicLink() ? await stat(path).catch(() => undefined) : found;
  if (reached && !reached.isFile()) {
    const kind = reached.isDirectory() ? 'a folder' : 'a device or pipe, no regular file';
    throw new Error(`it is ${kind}. Name a file`);
  }
  return found;
}

/** Renames, unless something has appeared under the new name. */
async function renameToNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
    await rm(temporary);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyExists(path);
    if (!NO_LINKS.includes(code ?? '')) throw error;
    if (await lstat(path).catch(() => undefined)) throw alreadyExists(path);
    await rename(temporary, path);
  }
}

function alreadyExists(path: string): ResnetError {
  return new ResnetError('FILE_UNWRITABLE', `${path} is there already. Name another file.`);
}
