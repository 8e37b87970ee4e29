import { ResnetError } from '@resnet/core';
import type { Target } from './remote-file.js';
import { Interruption, type RetryPolicy } from './retry.js';

/** How requests are made. */
export interface Connection {
  retry: RetryPolicy;
  signal: AbortSignal | undefined;
  /** For this server only: fetch does not send `Authorization` to another origin. */
  headers?: Record<string, string>;
}

/** An answer with the status 200, 206 or 416. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The body, to be read once; owned by the caller. Throws `Interruption` if it breaks off. */
  chunks: AsyncIterable<Uint8Array>;
  /** Ends the connection; must be called. */
  stop(): void;
}

/**
 * Makes one request.
 *
 * @param position the offset in the file at which the answer should begin; 0 by default
 * @throws Interruption for temporary failures: no connection, silence, too few bytes per second, a busy server
 * @throws DOWNLOAD_FORBIDDEN, the target's code for a missing file, or DOWNLOAD_FAILED for permanent ones
 */
export async function request(
  target: Target,
  { retry, signal, headers }: Connection,
  position = 0,
): Promise<Answer> {
  const connection = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(timer);
    connection.abort();
  };
  const listen = async <T>(promise: Promise<T>): Promise<T> => {
    const silence = new Error(`nothing came for ${retry.maximumSilence} seconds`);
    timer = setTimeout(() => connection.abort(silence), retry.maximumSilence * 1000);
    try {
      return await promise;
    } catch (cause) {
      throw new Interruption(reasonOf(cause), 0, { cause });
    } finally {
      clearTimeout(timer);
    }
  };

  const response = await listen(
    fetch(target.url, {
      headers: {
        ...headers,
        ...(position > 0 ? { Range: `bytes=${position}-` } : {}),
        // Offsets in a compressed body are not those of the file.
        'Accept-Encoding': 'identity',
      },
      signal: signal ? AbortSignal.any([signal, connection.signal]) : connection.signal,
    }),
  );
  const problem = problemOf(response, target);
  if (problem) {
    stop();
    throw problem;
  }

  async function* chunks() {
    const reader = response.body?.getReader();
    const { minimumSpeed, speedWindow } = retry;
    // Only the time of waiting counts, not the caller's work.
    let [waited, bytes] = [0, 0];
    while (reader) {
      const begun = performance.now();
      const { done, value } = await listen(reader.read());
      if (done) return;
      waited += (performance.now() - begun) / 1000;
      bytes += value.length;
      if (waited > speedWindow) {
        const speed = Math.round(bytes / waited);
        if (speed < minimumSpeed) {
          throw new Interruption(`only ${speed} bytes a second came, fewer than ${minimumSpeed}`);
        }
        waited = bytes = 0;
      }
      yield value;
    }
  }
  return { status: response.status, headers: response.headers, chunks: chunks(), stop };
}

function problemOf(response: Response, target: Target): Error | undefined {
  const { status } = response;
  if (status === 200 || status === 206 || status === 416) return undefined;
  const { url, name, codes, forbiddenAdvice } = target;
  // The server may have redirected to another one.
  const { host } = new URL(response.url || url);
  if (status === 408 || status === 429 || status >= 500) {
    return new Interruption(`${host} answered ${status}`, retryAfter(response.headers));
  }
  if (status === 401 || status === 403) {
    return new ResnetError('DOWNLOAD_FORBIDDEN', `${host} refuses ${name} (${status}). ${forbiddenAdvice}`);
  }
  if (status === 404 || status === 410) {
    return new ResnetError(codes.missing, `${host} has no ${name} (${status}): ${url}`);
  }
  return new ResnetError('DOWNLOAD_FAILED', `${host} answered ${status} to the request for ${name}: ${url}`);
}

/** The wait in seconds; servers give seconds or a date. */
function retryAfter(headers: Headers): number {
  const value = headers.get('Retry-After') ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.max(0, seconds);
}

/** fetch reports only that it failed; the reason is in the error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code } = error as { code?: unknown };
  return error.message || String(code ?? error.name);
}
