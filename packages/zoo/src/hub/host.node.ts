import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { cacheFolder } from '@resnet/files/node';
import { FolderCache } from './cache/folder-cache.js';
import type { WeightsCache } from './cache/weights-cache.js';

/** Under the names that Hugging Face's own tools read. */
export function environment(): { hub?: string | undefined; token?: string | undefined } {
  return { hub: process.env.HF_ENDPOINT || undefined, token: process.env.HF_TOKEN || undefined };
}

export async function openCache(folder?: string): Promise<WeightsCache> {
  return new FolderCache(resolve(folder ?? cacheFolder()));
}

const bytesPerTurn = 2 ** 24;

export async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += bytesPerTurn) {
    hash.update(bytes.subarray(start, start + bytesPerTurn));
    await setImmediate();
  }
  return hash.digest('hex');
}
