import { withDownloadBar } from '../progress/download-bar.js';
import type { Io } from '../terminal/io.js';
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
  io: Io,
): Promise<string> {
  return withDownloadBar({ name, into: ` into ${data}` }, io, (options) => download(data, options));
}
