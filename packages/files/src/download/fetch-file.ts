import type { Collector } from './collector.js';
import { type DownloadProgress, receive } from './receive.js';
import { corrupt, type RemoteFile } from './remote-file.js';
import type { Connection } from './request.js';

/**
 * Downloads a whole file. Bytes that an earlier call has left in the collector are not downloaded again; if the file is then wrong,
 * it is downloaded once more from its start.
 *
 * @param collect opens a collector; called again if the bytes in the first one were wrong
 * @param accept checks and takes the collected file; returns undefined if it is wrong
 * @returns the result of `accept`
 * @throws Interruption when it is interrupted too often; the bytes received stay in the collector. As `receive`, `collect` and
 *   `accept`
 */
export async function fetchFile<C extends Collector, T>(
  file: RemoteFile,
  collect: () => Promise<C>,
  accept: (collector: C) => Promise<T | undefined>,
  connection: Connection,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<T> {
  let collector = await collect();
  try {
    for (;;) {
      const isResumed = collector.receivedBytes > 0;
      const accepted = await complete();
      if (accepted !== undefined) {
        await collector.clear().catch(() => {});
        return accepted;
      }
      await collector.clear();
      // The bytes that an earlier call has left may be damaged. The server is to blame only if all bytes come from this call.
      if (!isResumed) throw corrupt(file, `its bytes do not have the ${file.checksum}`);
      collector = await collect();
    }
  } finally {
    await collector.close();
  }

  async function complete(): Promise<T | undefined> {
    if (collector.receivedBytes > file.bytes) return undefined;
    await receive(file, collector, connection, onProgress);
    return accept(collector);
  }
}
