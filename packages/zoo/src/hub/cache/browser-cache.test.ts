import { type FakeServer, impatient, json, refusal, someBytes, startServer, whole } from '@resnet/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileOf } from '../../testing/hub-file.js';
import { download } from '../download.js';
import * as host from '../host.browser.js';

const bytes = someBytes(5000);
const file = fileOf(bytes);

/** A browser's Cache API, as far as it is used. */
class FakeCache {
  readonly entries = new Map<string, Response>();
  async match(address: string) {
    return this.entries.get(address)?.clone();
  }
  async put(address: string, response: Response) {
    this.entries.set(address, response);
  }
}

let hub: FakeServer;
beforeEach(async () => {
  hub = await startServer();
  hub.answers = [whole(bytes)];
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await hub.close();
});

const get = (reference: Parameters<typeof download>[0] = file) =>
  download(reference, { hub: hub.url, retry: impatient }, host);

describe('in a browser', () => {
  it('keeps files in the Cache API', async () => {
    const cache = new FakeCache();
    const open = vi.fn(async () => cache);
    vi.stubGlobal('caches', { open });
    expect(await get()).toEqual({ file, bytes, fromCache: false });
    expect(open).toHaveBeenCalledWith('resnet-weights');
    expect([...cache.entries.keys()]).toEqual([
      `https://resnet-weights.invalid/${file.sha256}-model.safetensors`,
    ]);
    await hub.close();
    expect(await get()).toEqual({ file, bytes, fromCache: true });
  });

  it('fetches again what the cache has damaged', async () => {
    const cache = new FakeCache();
    vi.stubGlobal('caches', { open: async () => cache });
    await get();
    const [name] = cache.entries.keys();
    for (const damaged of ['short', someBytes(bytes.length, 2) as Uint8Array<ArrayBuffer>]) {
      cache.entries.set(name!, new Response(damaged));
      expect((await get()).fromCache).toBe(false);
    }
    expect((await get()).fromCache).toBe(true);
  });

  it.each<[string, unknown]>([
    ['is not there', undefined],
    ['is forbidden', { open: () => Promise.reject(new DOMException('no', 'SecurityError')) }],
    [
      'is full',
      {
        open: async () => ({
          match: async () => undefined,
          put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
        }),
      },
    ],
    ['is broken', { open: async () => ({}) }],
  ])('works where the cache %s', async (_, caches) => {
    vi.stubGlobal('caches', caches);
    expect(await get()).toEqual({ file, bytes, fromCache: false });
    expect((await get()).fromCache).toBe(false);
  });

  it('remembers what a branch was', async () => {
    const cache = new FakeCache();
    vi.stubGlobal('caches', { open: async () => cache });
    const siblings = [{ rfilename: file.path, lfs: { size: file.bytes, sha256: file.sha256 } }];
    hub.answers = [json({ sha: file.commit, siblings }), whole(bytes)];
    const reference = { repository: file.repository, path: file.path };
    expect((await get(reference)).fromCache).toBe(false);
    await hub.close();
    expect(await get(reference)).toEqual({ file, bytes, fromCache: true });
  });

  it('refuses bytes that are wrong, and says how to do without a network', async () => {
    hub.answers = [whole(someBytes(bytes.length, 3))];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_CORRUPT'));
    await hub.close();
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'readWeights'));
  });

  it('says at once that a page without a secure address can’t check', async () => {
    vi.stubGlobal('crypto', {});
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'https or from localhost'));
    expect(hub.requests).toEqual([]);
  });
});
