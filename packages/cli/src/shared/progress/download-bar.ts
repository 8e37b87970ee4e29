import { defined } from '@resnet/core';
import type { Io } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';
import { type Bar, startBar } from './progress-bar.js';
import { whileShown } from './while-shown.js';

/** The progress of a download. */
interface DownloadProgress {
  receivedBytes: number;
  totalBytes: number;
  /** Were there already. */
  resumedBytes: number;
}

/**
 * Downloads while a bar shows the progress; where there is no terminal, a line says that it starts.
 *
 * @param title what is downloaded, and where to
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
      // Only the first progress tells how much was there already.
      bar = startBar(stderr, megabytes(totalBytes), megabytes(resumedBytes));
    }
    bar.update(megabytes(receivedBytes), `MB of ${name}`);
  };
  return whileShown({ stop: () => bar?.stop() }, io, () => download({ ...defined({ signal }), onProgress }));
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
