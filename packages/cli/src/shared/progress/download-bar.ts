import { defined } from '@resnet/core';
import type { Io } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';
import { type Bar, startBar } from './progress-bar.js';
import { whileShown } from './while-shown.js';

/** How far a download is. */
interface DownloadProgress {
  receivedBytes: number;
  totalBytes: number;
  /** Were there before it went on. */
  resumedBytes: number;
}

/**
 * Downloads while a bar shows how far it is; where there is no terminal, a line says that it begins.
 *
 * @param title what is fetched, and where that line says it is put
 */
export async function withDownloadBar<T>(
  { name, into = '' }: { name: string; into?: string },
  io: Io,
  download: (options: {
    signal?: AbortSignal;
    onProgress: (progress: DownloadProgress) => void;
  }) => Promise<T>,
): Promise<T> {
  const { stderr, signal } = io;
  let bar: Bar | undefined;
  const onProgress = ({ receivedBytes, totalBytes, resumedBytes }: DownloadProgress) => {
    if (!bar) {
      if (!stderr.isTTY) printLine(stderr, `Downloading ${name}${into}, ${megabytes(totalBytes)} MB.`);
      // Only the first bytes tell where a download goes on.
      bar = startBar(stderr, megabytes(totalBytes), megabytes(resumedBytes));
    }
    bar.update(megabytes(receivedBytes), `MB of ${name}`);
  };
  return whileShown({ stop: () => bar?.stop() }, io, () => download({ ...defined({ signal }), onProgress }));
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
