import type { Io } from '../terminal/io.js';

/**
 * Does work while something is shown, such as a bar. It is ended with the work, or when the user interrupts, so that what is
 * printed then starts on a new line.
 */
export async function whileShown<T>(
  shown: { stop(): void },
  { signal }: Pick<Io, 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const stop = () => shown.stop();
  signal?.addEventListener('abort', stop);
  try {
    return await work();
  } finally {
    stop();
    signal?.removeEventListener('abort', stop);
  }
}
