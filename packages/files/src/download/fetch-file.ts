import type { Collector } from './collector.js';
import { type DownloadProgress, receive } from './receive.js';
import { corrupt, type RemoteFile } from './remote-file.js';
import type { Connection } from './request.js';

/**
 * Fetches a file and hands it on once it is whole. Bytes that an earlier call has left in the collector are
 * not fetched again; if the whole is then not right, it is fetched once more from its start.
 *
 * @param collect opens a collector; called again when what was in the first one is of no use
 * @param accept checks and takes what has been collected; undefined if it is not the right file
 * @returns what `accept` returns
 * @throws Interruption when it is interrupted too often, and what has come stays in the collector; as
 *   `receive`, `collect` and `accept` do
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
      // What an earlier call has left may be damaged; only all of the bytes at once speak against the server.
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
