import { throwIfAborted } from '@resnet/core';

/** How often and how long to retry. */
export interface RetryPolicy {
  /** How many failures in a row end it, without progress (new bytes, fast enough) in between. Default 5. */
  tries: number;
  /** The wait in seconds after the first failure; it doubles after each further one. Default 0.5. */
  delay: number;
  /** The longest wait in seconds, even if the server asks for more. Default 60. */
  maximumDelay: number;
  /** After so many seconds of silence a connection is given up. Default 60. */
  maximumSilence: number;
  /**
   * The least bytes per second, measured over `speedWindow`. A slower connection is given up, and its bytes are no progress.
   * Default 1,000.
   */
  minimumSpeed: number;
  /** Seconds of waiting for bytes over which the speed is measured. Default 60. */
  speedWindow: number;
}

const usual: RetryPolicy = {
  ...{ tries: 5, delay: 0.5, maximumDelay: 60 },
  ...{ maximumSilence: 60, minimumSpeed: 1000, speedWindow: 60 },
};

/** The default policy with these changes. */
export function retryPolicy(changes: Partial<RetryPolicy> = {}): RetryPolicy {
  return { ...usual, ...changes };
}

/** A temporary failure. */
export class Interruption extends Error {
  constructor(
    message: string,
    /** The wait that the server asks for. */
    readonly seconds = 0,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Repeats work that is interrupted, with growing waits.
 *
 * @param hasAdvanced whether the work has made progress since the last interruption, so that counting starts again
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

/** Waits for the time or the signal, whichever comes first. */
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
