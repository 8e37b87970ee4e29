import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { ReadableStream, type ReadableWritablePair } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { ResnetError } from '@resnet/backend';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';

/** What of an archive is wanted. */
export interface ArchiveRequest<T> {
  /** Base names of the files. */
  files: readonly string[];
  /** The size that this file may not exceed. */
  largestBytes(name: string): number;
  /** How much of this file is read, from its start. */
  keptBytes(name: string): number;
  /** What is made of a file as soon as it is read. */
  keep(name: string, bytes: Uint8Array): T | Promise<T>;
  /** Whether nothing more is needed; asked after each file. */
  isEnough(found: ReadonlyMap<string, T>): boolean;
  /** What to do about a bad archive: the end of messages. */
  advice: string;
}

/**
 * Reads files of a tar archive packed by gzip, one after the other, by their exact base names, in whatever
 * folder of the archive they are. Links and all other entries are passed over; nothing is written to disk.
 * Reads no further than it has to, so what comes after that is not checked.
 *
 * @returns what was made of the files found, by base name
 * @throws DATA_INVALID if the archive is cut off, damaged, or none, or if a wanted file is too large or there
 *   twice; FILE_UNREADABLE if the system refuses to read the archive
 */
export async function readArchive<T>(path: string, request: ArchiveRequest<T>): Promise<Map<string, T>> {
  const { files, keep, isEnough, advice } = request;
  const found = new Map<string, T>();
  // The errors of both streams come out of the iteration.
  const unpacked = pipeline(createReadStream(path), createGunzip({ chunkSize: 2 ** 17 }), () => {});
  // modern-tar's streams are typed as a browser's, which TypeScript doesn't know to be iterable.
  const decoder = createTarDecoder({ strict: true }) as unknown as ReadableWritablePair<
    ParsedTarEntry,
    Uint8Array
  >;
  const entries = ReadableStream.from<Uint8Array>(unpacked).pipeThrough(decoder);
  try {
    for await (const entry of entries) {
      const name = entry.header.name.slice(entry.header.name.lastIndexOf('/') + 1);
      if (entry.header.type !== 'file' || !files.includes(name)) {
        await drain(entry.body.getReader());
        continue;
      }
      if (found.has(name)) {
        throw new ResnetError('DATA_INVALID', `'${path}' must hold ${name} once, found it twice. ${advice}`);
      }
      found.set(name, await keep(name, await readEntry(path, name, entry, request)));
      if (isEnough(found)) break;
    }
  } catch (cause) {
    throw coded(path, cause as NodeJS.ErrnoException, advice);
  } finally {
    unpacked.destroy();
  }
  return found;
}

async function readEntry(
  path: string,
  name: string,
  { header, body }: ParsedTarEntry,
  request: ArchiveRequest<unknown>,
): Promise<Uint8Array> {
  const largestBytes = request.largestBytes(name);
  if (header.size > largestBytes) {
    throw new ResnetError(
      'DATA_INVALID',
      `${name} in '${path}' must have at most ${largestBytes} bytes, found ${header.size}. ${request.advice}`,
    );
  }
  const bytes = new Uint8Array(Math.min(header.size, request.keptBytes(name)));
  let filled = 0;
  const reader = body.getReader();
  while (filled < bytes.length) {
    const { done, value } = await reader.read();
    // In strict mode the decoder fails before it ends a body too early.
    if (done) break;
    bytes.set(value.subarray(0, bytes.length - filled), filled);
    filled += value.length;
  }
  await drain(reader);
  return bytes;
}

/**
 * Reads an entry to its end. To cancel it would not do: where modern-tar (0.8.6) has taken a small entry in
 * whole and begun the next one, cancelling the small one loses the body of the next, and reading that never
 * ends.
 */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

function coded(path: string, cause: NodeJS.ErrnoException, advice: string): ResnetError {
  if (ResnetError.is(cause)) return cause;
  if (cause.syscall !== undefined) {
    return new ResnetError('FILE_UNREADABLE', `'${path}' can't be read: ${cause.message}.`, { cause });
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
