import { ResnetError } from './error.js';

/** Throws `ABORTED` if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, work: string): void {
  if (signal?.aborted)
    throw new ResnetError('ABORTED', `${work} was stopped on request.`, {
      cause: signal.reason,
    });
}
