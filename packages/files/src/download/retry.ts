import { throwIfAborted } from '@resnet/core';

/** How long to go on trying. */
export interface RetryPolicy {
  /** How often in a row it may fail without an advance: new bytes, not too slow. Default 5. */
  tries: number;
  /** The wait in seconds after the first failure; it doubles after each more. Default 0.5. */
  delay: number;
  /** The longest wait in seconds, even if the server asks for more. Default 60. */
  maximumDelay: number;
  /** The longest silence in seconds of a connection, which is then given up. Default 60. */
  maximumSilence: number;
  /**
   * Bytes a second, at least, over `speedWindow`; a connection that is slower is given up, and what it has brought is no
   * advance. Default 1,000.
   */
  minimumSpeed: number;
  /** Seconds of waiting for bytes over which the speed is measured. Default 60. */
  speedWindow: number;
}

const usual: RetryPolicy = {
  ...{ tries: 5, delay: 0.5, maximumDelay: 60 },
  ...{ maximumSilence: 60, minimumSpeed: 1000, speedWindow: 60 },
};

/** The policy with these changes. */
export function retryPolicy(changes: Partial<RetryPolicy> = {}): RetryPolicy {
  return { ...usual, ...changes };
}

/** A failure that may pass. */
export class Interruption extends Error {
  constructor(
    message: string,
    /** What the server asks to wait. */
    readonly seconds = 0,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Does work again as long as it is interrupted, with growing waits.
 *
 * @param hasAdvanced whether the work has got further since the last interruption, so that counting starts
 *   again
 * @throws the last `Interruption` when there were too many; ABORTED if the signal has fired
 */
export async function retrying<T>(
  work: () => Promise<T>,
  { retry, signal }: { retry: RetryPolicy; signal: AbortSignal | undefined },
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
