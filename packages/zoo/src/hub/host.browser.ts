import { ResnetError } from '@resnet/core';
import { openBrowserCache } from './cache/browser-cache.js';
import type { WeightsCache } from './cache/weights-cache.js';

export function environment(): { hub?: string; token?: string } {
  return {};
}

export async function openCache(): Promise<WeightsCache> {
  // Said before the download rather than after it.
  if (!globalThis.crypto?.subtle) {
    const message =
      'Browsers check a download only in pages that come by https or from localhost; serve this page so.';
    throw new ResnetError('DOWNLOAD_FAILED', message);
  }
  return openBrowserCache();
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
