import type { Collector } from './collector.js';
import { corrupt, type RemoteFile } from './remote-file.js';
import { type Answer, type Connection, request } from './request.js';
import { Interruption, retrying } from './retry.js';

export interface DownloadProgress {
  receivedBytes: number;
  totalBytes: number;
  /** The bytes of these that an earlier call has left. */
  resumedBytes: number;
}

/**
 * Completes a file: requests the missing bytes, again after each interruption. The contents are not checked.
 *
 * @throws Interruption when it is interrupted too often; the file's code for a corrupt file if it has another size on the server;
 *   as `request` and the collector
 */
export async function receive(
  file: RemoteFile,
  collector: Collector,
  connection: Connection,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<void> {
  let position = collector.receivedBytes;
  let resumedBytes = position;
  // Bytes beyond this position are new.
  let farthest = position;
  let farthestBefore = position;
  let begun = 0;

  async function receiveRest(): Promise<void> {
    begun = performance.now();
    const answer = await request(file, connection, position);
    try {
      const start = startOf(answer, position, file);
      if (start !== position) position = resumedBytes = 0;
      if (start === undefined) throw new Interruption('it does not resume where the download was cut');
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

  /** Whether new bytes have come, and fast enough. */
  function hasAdvanced(): boolean {
    const seconds = (performance.now() - begun) / 1000;
    const bytes = farthest - farthestBefore;
    farthestBefore = farthest;
    return bytes > 0 && bytes >= connection.retry.minimumSpeed * seconds;
  }

  if (position < file.bytes) await retrying(receiveRest, connection, hasAdvanced);
}

/**
 * The position in the file at which an answer begins; undefined if the answer is of no use.
 *
 * @param asked the requested position
 */
function startOf({ status, headers }: Answer, asked: number, file: RemoteFile): number | undefined {
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
  // Browsers hide this header unless the server exposes it; the file's checksum will show whether the position was right.
  if (range === null) return asked;
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  if (Number(start) !== asked) return undefined;
  checkTotal(total === '*' ? null : total!, file);
  return asked;
}

function checkTotal(total: string | null, file: RemoteFile): void {
  if (total !== null && Number(total) !== file.bytes) {
    throw corrupt(file, `expected ${file.bytes} bytes, found ${Number(total)}`);
  }
}
