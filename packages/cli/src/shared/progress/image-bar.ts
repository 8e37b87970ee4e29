import { formatDuration, formatSpeed } from '../terminal/format.js';
import type { Io, Output } from '../terminal/io.js';
import { startBar } from './progress-bar.js';
import { whileShown } from './while-shown.js';

/** How often the bar is drawn, in images. */
const EVERY = 50;

/** Does work on images, one after the other, while a bar shows the progress. */
export async function withImageBar<T>(
  stream: Output,
  total: number,
  io: Pick<Io, 'signal'>,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const bar = startBar(stream, total);
  const started = performance.now();
  return whileShown(bar, io, () =>
    work((done, all) => {
      if (done % EVERY !== 0 && done !== all) return;
      const speed = (1000 * done) / (performance.now() - started);
      bar.update(done, `${formatSpeed(speed)}  ${formatDuration((all - done) / speed)} left`);
    }),
  );
}
