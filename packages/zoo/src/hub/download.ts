import { ResnetError } from '@resnet/core';
import {
  type Collector,
  type DownloadProgress,
  fetchElsewhere,
  fetchFile,
  Interruption,
} from '@resnet/files';
import { defined } from '../defined.js';
import type { WeightsCache } from './cache/weights-cache.js';
import { withoutCache } from './cache/without-cache.js';
import type { HubHost } from './host.js';
import { checkReference, type FileReference, isPinned, type RepositoryFile } from './repository-file.js';
import { resolve } from './resolve.js';
import { connectionOf, type HubOptions, type Settings, settingsOf } from './settings.js';
import { remoteFileOf } from './target.js';

export interface DownloadOptions extends HubOptions {
  /** Called as bytes arrive; never for a file that is there already. */
  onProgress?: (progress: DownloadProgress) => void;
}

export interface DownloadedWeights {
  /** Which file it is. */
  file: RepositoryFile;
  /** What is in it; checked, and owned by the caller. */
  bytes: Uint8Array;
  /** Where it stays, in Node. */
  path?: string;
  /** Whether it was there already. */
  fromCache: boolean;
}

/** `downloadWeights`, for any platform. */
export async function download(
  reference: FileReference,
  options: DownloadOptions,
  host: HubHost,
): Promise<DownloadedWeights> {
  checkReference(reference);
  const settings = settingsOf(options, host.environment());
  const cache = options.cache === false ? withoutCache : await host.openCache(options.cacheFolder);
  const file = isPinned(reference) ? reference : await resolve(reference, settings, cache, host);
  const isRight = async (bytes: Uint8Array) =>
    bytes.length === file.bytes && (await host.sha256(bytes)) === file.sha256;

  const path = cache.pathOf(file);
  const described = { file, ...defined({ path }) };
  const find = async () => {
    const kept = await cache.read(file);
    return kept && (await isRight(kept)) ? { ...described, bytes: kept, fromCache: true } : undefined;
  };
  const fetchOrFind = async () => {
    // Another process may have just fetched it.
    const found = await find();
    if (found) return found;
    const bytes = await fetchInto(cache, file, settings, isRight, options.onProgress);
    return { ...described, bytes, fromCache: false };
  };
  return (await find()) ?? (await cache.alone(file, settings.signal, fetchOrFind));
}

async function fetchInto(
  cache: WeightsCache,
  file: RepositoryFile,
  settings: Settings,
  isRight: (bytes: Uint8Array) => Promise<boolean>,
  onProgress: DownloadOptions['onProgress'],
): Promise<Uint8Array> {
  const remote = remoteFileOf(file, settings);
  const accept = async (collector: Collector) => {
    const bytes = await collector.bytes();
    if (!(await isRight(bytes))) return undefined;
    await cache.write(file, bytes);
    return bytes;
  };
  try {
    return await fetchFile(remote, () => cache.collect(file), accept, connectionOf(settings), onProgress);
  } catch (error) {
    if (error instanceof Interruption) throw await failure(error);
    throw error;
  }

  async function failure(interruption: Interruption): Promise<ResnetError> {
    const path = cache.pathOf(file);
    const where = path === undefined ? 'open it with readWeights' : `put it at ${path}`;
    const advice = path === undefined ? '' : ' What has arrived is kept; call again to go on.';
    const other = (await cache.has(file)) ? ' The file that is there is another one.' : '';
    const message = `Can't download ${remote.name}: ${interruption.message}.${advice} Without a network: ${fetchElsewhere(remote)} and ${where}.${other}`;
    return new ResnetError('DOWNLOAD_FAILED', message, { cause: interruption });
  }
}
