import { throwIfAborted } from '@resnet/backend';
import type { Settings } from './settings.js';

/** A failure that may pass; it does not leave this folder. */
export class Interruption extends Error {
  constructor(
    message: string,
    /** What the hub asks to wait. */
    readonly seconds = 0,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Does work again as long as it is interrupted, with growing waits.
 *
 * @param hasAdvanced whether the work has got further since the last interruption, so that counting starts again
 * @throws the last `Interruption` when there were too many; ABORTED if the signal has fired
 */
export async function retrying<T>(
  work: () => Promise<T>,
  { retry, signal }: Settings,
  hasAdvanced: () => boolean = () => false,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      throwIfAborted(signal, 'The download');
      return await work();
    } catch (error) {
      throwIfAborted(signal, 'The download');
      if (!(error instanceof Interruption)) throw error;
      failures = hasAdvanced() ? 1 : failures + 1;
      if (failures >= retry.tries) throw error;
      const wait = Math.max(error.seconds, retry.delay * 2 ** (failures - 1));
      await pause(Math.min(wait, retry.maximumDelay), signal);
    }
  }
}

/** Waits, or until the signal fires. */
function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal?.addEventListener('abort', end);
  });
}
