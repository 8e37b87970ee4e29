import { ResnetError } from '@resnet/backend';
import { addressOf, describeFile, type RepositoryFile } from './repository-file.js';
import { type Answer, request } from './request.js';
import { Interruption, retrying } from './retry.js';
import type { Settings } from './settings.js';
import type { Collector } from './weights-cache.js';

export interface DownloadProgress {
  receivedBytes: number;
  totalBytes: number;
  /** Of the received ones, those that an earlier call has left. */
  resumedBytes: number;
}

/**
 * Completes a file: asks for what is missing, again after each interruption.
 *
 * @throws Interruption when it is interrupted too often; WEIGHTS_CORRUPT if the hub has a file of another size; as `request`
 *   and the collector do
 */
export async function receive(
  file: RepositoryFile,
  collector: Collector,
  settings: Settings,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<void> {
  const url = addressOf(settings.hub, file);
  let position = collector.receivedBytes;
  let resumedBytes = position;
  // From there on every byte is new.
  let farthest = position;
  let farthestBefore = position;

  async function receiveRest(): Promise<void> {
    const range: Record<string, string> = position > 0 ? { Range: `bytes=${position}-` } : {};
    const answer = await request(url, describeFile(file), settings, range);
    try {
      const start = startOf(answer, position, file);
      if (start !== position) position = resumedBytes = 0;
      if (start === undefined) throw new Interruption('it does not go on where the download was cut');
      for await (const chunk of answer.chunks) {
        if (position + chunk.length > file.bytes) {
          await collector.clear();
          throw corrupt(file, `more than the ${file.bytes} bytes expected came`);
        }
        await collector.write(chunk, position);
        position += chunk.length;
        farthest = Math.max(farthest, position);
        onProgress?.({ receivedBytes: position, totalBytes: file.bytes, resumedBytes });
      }
    } finally {
      answer.stop();
    }
    if (position < file.bytes) {
      throw new Interruption(`the connection ended after ${position} of ${file.bytes} bytes`);
    }
  }

  function hasAdvanced(): boolean {
    const advanced = farthest > farthestBefore;
    farthestBefore = farthest;
    return advanced;
  }

  if (position < file.bytes) await retrying(receiveRest, settings, hasAdvanced);
}

/**
 * Where in the file an answer begins; undefined if it is of no use.
 *
 * @param asked where it should begin
 */
function startOf({ status, headers }: Answer, asked: number, file: RepositoryFile): number | undefined {
  if (status === 416) return undefined;
  if (headers.get('Content-Type')?.startsWith('text/html')) {
    throw new Interruption('a page came instead of the file, as networks send that want a login');
  }
  const range = headers.get('Content-Range');
  if (status === 200) {
    const length = headers.get('Content-Encoding') ? null : headers.get('Content-Length');
    checkTotal(length, file);
    return 0;
  }
  // Browsers hide this header where the storage does not offer it; the file's checksum then tells.
  if (range === null) return asked;
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  if (Number(start) !== asked) return undefined;
  checkTotal(total === '*' ? null : total!, file);
  return asked;
}

function checkTotal(total: string | null, file: RepositoryFile): void {
  if (total !== null && Number(total) !== file.bytes) {
    throw corrupt(file, `expected ${file.bytes} bytes, found ${Number(total)}`);
  }
}

/** The error for a file that is not the one that was asked for. */
export function corrupt(file: RepositoryFile, problem: string): ResnetError {
  const message = `The hub does not have the right ${describeFile(file)}: ${problem}.`;
  return new ResnetError('WEIGHTS_CORRUPT', message);
}
