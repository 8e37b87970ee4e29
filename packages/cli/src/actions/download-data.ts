import { defined } from '../defined.js';
import type { Io } from '../io.js';
import { printLine } from '../print.js';
import { type Bar, startBar } from '../progress-bar.js';
import type { DataSet } from './data-sets.js';

/**
 * Fetches a data set into the folder `data` unless it is there, and shows how that goes.
 *
 * @returns where its files are, for `readTrain` and `readTest`
 */
export async function downloadData(
  name: string,
  { download }: Pick<DataSet, 'download'>,
  data: string | undefined,
  { stderr, signal }: Io,
): Promise<string> {
  let bar: Bar | undefined;
  const stopBar = () => bar?.stop();
  signal?.addEventListener('abort', stopBar);
  try {
    return await download(data, {
      ...defined({ signal }),
      onProgress: ({ receivedBytes, totalBytes, resumedBytes }) => {
        if (!bar) {
          if (!stderr.isTTY)
            printLine(stderr, `Downloading ${name} into ${data}, ${megabytes(totalBytes)} MB.`);
          // Only the first bytes tell where a download goes on.
          bar = startBar(stderr, megabytes(totalBytes), megabytes(resumedBytes));
        }
        bar.update(megabytes(receivedBytes), `MB of ${name}`);
      },
    });
  } finally {
    stopBar();
    signal?.removeEventListener('abort', stopBar);
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
