import { withDownloadBar } from '../progress/download-bar.js';
import type { Io } from '../terminal/io.js';
import type { DataSet, Images } from './data-sets.js';

/** The options of a command that choose a data set. */
export interface DataOptions {
  dataset: string;
  /** The folder of its files, or their archive. */
  data?: string;
  download?: boolean;
}

export interface TestDataOptions extends DataOptions {
  limit?: number;
}

/**
 * Where the files of a data set are. With `download` they are fetched unless they are there, which a bar shows.
 *
 * @returns for `readTrain` and `readTest`
 */
export async function pathOfData(
  set: Pick<DataSet, 'download'>,
  { dataset, data, download = false }: DataOptions,
  io: Io,
): Promise<string | undefined> {
  if (!download) return data;
  return withDownloadBar({ name: dataset, into: ` into ${data}` }, io, (options) =>
    set.download(data, options),
  );
}

export async function readTestData(set: DataSet, options: TestDataOptions, io: Io): Promise<Images> {
  return set.readTest(await pathOfData(set, options, io), options.limit);
}
