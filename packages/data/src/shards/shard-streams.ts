import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { type Answer, Interruption, request, retrying, retryPolicy, type Target } from '@resnet/files';
import { streamRegularFile, unreadable } from '@resnet/files/node';

/** Whether a source is read over HTTP. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/**
 * The bytes of a shard, in chunks.
 *
 * @param source the folder of the shards, or the address of their index
 * @throws as `fetchStream`, FILE_UNREADABLE
 */
export function openShard(source: string, file: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  return isAddress(source) ? fetchStream(new URL(file, source).href, signal) : readStream(join(source, file));
}

/** A file's bytes, in chunks. @throws FILE_UNREADABLE */
async function* readStream(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* streamRegularFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * The bytes at an address, in chunks. If the connection breaks, reading resumes where it stopped.
 *
 * @throws DOWNLOAD_FAILED, DOWNLOAD_FORBIDDEN, DATA_MISSING, ABORTED
 */
export async function* fetchStream(
  url: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const connection = { retry: retryPolicy(), signal };
  const target = shardTarget(url);
  let position = 0;
  let answer: Answer | undefined;
  let chunks: AsyncIterator<Uint8Array> | undefined;
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      if (!chunks) {
        answer = await request(target, connection, position);
        chunks = from(answer, position)[Symbol.asyncIterator]();
      }
      const { done, value } = await chunks.next();
      return done ? undefined : value;
    } catch (error) {
      answer?.stop();
      chunks = undefined;
      throw error;
    }
  };
  try {
    for (;;) {
      const chunk = await retrying(next, connection);
      if (!chunk) return;
      position += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    const message = `Can't read ${url} beyond byte ${position}: ${error.message}. Check the network and try again.`;
    throw new ResnetError('DOWNLOAD_FAILED', message, { cause: error });
  } finally {
    answer?.stop();
  }
}

/** The bytes of an answer from a position on; if the server began at the start, those before it are dropped. */
async function* from(
  { status, headers, chunks }: Answer,
  position: number,
): AsyncGenerator<Uint8Array, void> {
  if (status === 416) throw new Interruption('it does not resume where it was cut');
  let passed = status === 200 ? 0 : position;
  const start = /^bytes (\d+)-/.exec(headers.get('Content-Range') ?? '')?.[1];
  if (start !== undefined && Number(start) !== position) {
    throw new Interruption('it does not resume where it was cut');
  }
  for await (const chunk of chunks) {
    const kept = chunk.subarray(Math.min(chunk.length, Math.max(0, position - passed)));
    passed += chunk.length;
    if (kept.length > 0) yield kept;
  }
}

export function shardTarget(url: string): Target {
  return {
    url,
    name: new URL(url).pathname.split('/').at(-1)!,
    server: new URL(url).host,
    codes: { missing: 'DATA_MISSING', corrupt: 'DATA_INVALID' },
    forbiddenAdvice: 'Give an address that can be read without a login.',
  };
}
