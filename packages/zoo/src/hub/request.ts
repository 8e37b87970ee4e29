import { ResnetError } from '@resnet/backend';
import { Interruption } from './retry.js';
import type { Settings } from './settings.js';

/** An answer with the status 200, 206 or 416. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Its body, once; owned by the caller. Throws `Interruption` where it breaks off. */
  chunks: AsyncIterable<Uint8Array>;
  /** Ends the connection; it must be called. */
  stop(): void;
}

/**
 * Asks the hub once.
 *
 * @param what the file, for messages
 * @throws Interruption for what may pass: no connection, silence, a hub that is too busy
 * @throws DOWNLOAD_FORBIDDEN, WEIGHTS_MISSING or DOWNLOAD_FAILED for what will not
 */
export async function request(
  url: string,
  what: string,
  { token, retry, signal }: Settings,
  headers: Record<string, string> = {},
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
    fetch(url, {
      headers: {
        ...headers,
        // Places in a compressed body are not those of the file.
        'Accept-Encoding': 'identity',
        // The hub passes us on to its storage; fetch does not take this header along to another origin.
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      signal: signal ? AbortSignal.any([signal, connection.signal]) : connection.signal,
    }),
  );
  const problem = problemOf(response, url, what, token !== undefined);
  if (problem) {
    stop();
    throw problem;
  }

  async function* chunks() {
    const reader = response.body?.getReader();
    while (reader) {
      const { done, value } = await listen(reader.read());
      if (done) return;
      yield value;
    }
  }
  return { status: response.status, headers: response.headers, chunks: chunks(), stop };
}

function problemOf(response: Response, url: string, what: string, hasToken: boolean): Error | undefined {
  const { status } = response;
  if (status === 200 || status === 206 || status === 416) return undefined;
  // Storage may be at another place than the hub.
  const { host } = new URL(response.url || url);
  if (status === 408 || status === 429 || status >= 500) {
    return new Interruption(`${host} answered ${status}`, retryAfter(response.headers));
  }
  if (status === 401 || status === 403) {
    const advice = hasToken
      ? 'Is the access token one that may read it, and are the repository’s terms accepted?'
      : 'The repository is private, wants its terms accepted first, or does not exist. Where you have access, give a token: the option token, or HF_TOKEN in Node.';
    const message = `${host} refuses ${what} (${status}). ${advice}`;
    return new ResnetError('DOWNLOAD_FORBIDDEN', message);
  }
  if (status === 404 || status === 410) {
    return new ResnetError('WEIGHTS_MISSING', `${host} has no ${what} (${status}): ${url}`);
  }
  return new ResnetError('DOWNLOAD_FAILED', `${host} answered ${status} to the request for ${what}: ${url}`);
}

/** Seconds, which servers give as such or as a date. */
function retryAfter(headers: Headers): number {
  const value = headers.get('Retry-After') ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.max(0, seconds);
}

/** fetch says only that it failed; why is in the error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code } = error as { code?: unknown };
  return error.message || String(code ?? error.name);
}
