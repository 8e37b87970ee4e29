import { ResnetError } from '@resnet/core';
import { type Connection, type RetryPolicy, retryPolicy } from '@resnet/files';

export interface HubOptions {
  /** The hub's address. Default: the environment variable HF_ENDPOINT in Node, else 'https://huggingface.co'. */
  hub?: string;
  /** An access token for private files, sent to the hub alone. Default: the environment variable HF_TOKEN in Node. */
  token?: string;
  /** Whether files are kept for the next time, and kept files are used. Default true. */
  cache?: boolean;
  /**
   * The folder for them, in Node. Default: the environment variable RESNET_CACHE, else 'resnet' in XDG_CACHE_HOME, in LOCALAPPDATA
   * on Windows, or in ~/.cache.
   */
  cacheFolder?: string;
  retry?: Partial<RetryPolicy>;
  signal?: AbortSignal;
}

/** Options that are checked and complete. */
export interface Settings {
  /** Without a slash at its end. */
  hub: string;
  token: string | undefined;
  retry: RetryPolicy;
  signal: AbortSignal | undefined;
}

/** @throws OPTION_INVALID for a hub that is no address, or a token that can't be one */
export function settingsOf(
  options: HubOptions,
  environment: { hub?: string | undefined; token?: string | undefined },
): Settings {
  const hub = options.hub ?? environment.hub ?? 'https://huggingface.co';
  const address = URL.canParse(hub) ? new URL(hub) : undefined;
  const isPlain = address && !address.username && !address.password && !address.search && !address.hash;
  if (!isPlain || !/^https?:$/.test(address.protocol)) {
    throw new ResnetError('OPTION_INVALID', "The hub must be an address as 'https://huggingface.co'.");
  }
  const token = (options.token ?? environment.token)?.trim() || undefined;
  // Not shown: it is a secret.
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new ResnetError('OPTION_INVALID', 'The access token has characters that no token has.');
  }
  return {
    hub: address.href.replace(/\/+$/, ''),
    token,
    retry: retryPolicy(options.retry),
    signal: options.signal,
  };
}

/** How the hub is asked. */
export function connectionOf({ token, retry, signal }: Settings): Connection {
  return { retry, signal, ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }) };
}
