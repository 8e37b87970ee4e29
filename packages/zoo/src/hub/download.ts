import { ResnetError } from '@resnet/backend';
import type { HubHost } from './host.js';
import { withoutCache } from './memory-collector.js';
import { corrupt, type DownloadProgress, receive } from './receive.js';
import {
  addressOf,
  checkReference,
  describeFile,
  type FileReference,
  isPinned,
  type RepositoryFile,
} from './repository-file.js';
import { resolve } from './resolve.js';
import { Interruption } from './retry.js';
import { type HubOptions, type Settings, settingsOf } from './settings.js';
import type { Collector, WeightsCache } from './weights-cache.js';

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

/** `downloadWeights`, anywhere. */
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

  const kept = await cache.read(file);
  const fromCache = kept !== undefined && (await isRight(kept));
  const bytes = fromCache ? kept : await fetchInto(cache, file, settings, isRight, options.onProgress);
  const path = cache.pathOf(file);
  return { file, bytes, ...(path === undefined ? {} : { path }), fromCache };
}

async function fetchInto(
  cache: WeightsCache,
  file: RepositoryFile,
  settings: Settings,
  isRight: (bytes: Uint8Array) => Promise<boolean>,
  onProgress: DownloadOptions['onProgress'],
): Promise<Uint8Array> {
  let collector = await cache.collect(file);
  try {
    for (;;) {
      const isResumed = collector.receivedBytes > 0;
      const bytes = await completed(collector);
      if (bytes && (await isRight(bytes))) {
        await cache.write(file, bytes);
        await collector.clear().catch(() => {});
        return bytes;
      }
      await collector.clear();
      // What an earlier call has left may be damaged; only all of the bytes at once speak against the hub.
      if (!isResumed) throw corrupt(file, `its bytes do not have the sha256 ${file.sha256}`);
      collector = await cache.collect(file);
    }
  } catch (error) {
    if (error instanceof Interruption) throw await failure(error);
    throw error;
  } finally {
    await collector.close();
  }

  async function completed(collector: Collector): Promise<Uint8Array | undefined> {
    if (collector.receivedBytes > file.bytes) return undefined;
    await receive(file, collector, settings, onProgress);
    return collector.bytes();
  }

  async function failure(interruption: Interruption): Promise<ResnetError> {
    const url = addressOf(settings.hub, file);
    const size = `${(file.bytes / 1e6).toFixed(1)} MB`;
    const path = cache.pathOf(file);
    const place = path === undefined ? 'open it with readWeights' : `put it at ${path}`;
    const advice = path === undefined ? '' : ' What has arrived is kept; call again to go on.';
    const other = (await cache.has(file)) ? ' The file that is there is another one.' : '';
    const message = `Can't download ${describeFile(file)}: ${interruption.message}.${advice} Without a network: fetch ${url} (${size}, sha256 ${file.sha256}) elsewhere and ${place}.${other}`;
    return new ResnetError('DOWNLOAD_FAILED', message, { cause: interruption });
  }
}
