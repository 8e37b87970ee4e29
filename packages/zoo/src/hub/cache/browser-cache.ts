import { type Collector, MemoryCollector } from '@resnet/files';
import { type RepositoryFile, storedName } from '../repository-file.js';
import type { WeightsCache } from './weights-cache.js';
import { withoutCache } from './without-cache.js';

/**
 * Files in the browser's Cache API. A browser that has none, forbids it or has no room left for a file keeps nothing; that is
 * no error.
 */
export async function openBrowserCache(): Promise<WeightsCache> {
  const cache = await quietly(() => globalThis.caches?.open('resnet-weights'));
  return cache ? new BrowserCache(cache) : withoutCache;
}

class BrowserCache implements WeightsCache {
  constructor(private readonly cache: Cache) {}

  pathOf(): undefined {}

  async has(file: RepositoryFile): Promise<boolean> {
    return (await this.find(storedName(file))) !== undefined;
  }

  async read(file: RepositoryFile): Promise<Uint8Array | undefined> {
    const response = await this.find(storedName(file));
    const bytes = await quietly(() => response?.arrayBuffer());
    return bytes?.byteLength === file.bytes ? new Uint8Array(bytes) : undefined;
  }

  async write(file: RepositoryFile, bytes: Uint8Array): Promise<void> {
    await this.put(storedName(file), bytes as Uint8Array<ArrayBuffer>);
  }

  async collect(file: RepositoryFile): Promise<Collector> {
    return new MemoryCollector(file.bytes);
  }

  alone<T>(_file: RepositoryFile, _signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return work();
  }

  async recall(name: string): Promise<string | undefined> {
    const response = await this.find(name);
    return quietly(() => response?.text());
  }

  async remember(name: string, text: string): Promise<void> {
    await this.put(name, text);
  }

  private find(name: string): Promise<Response | undefined> {
    return quietly(() => this.cache.match(addressOf(name)));
  }

  private async put(name: string, body: BodyInit): Promise<void> {
    await quietly(() => this.cache.put(addressOf(name), new Response(body)));
  }
}

/** The Cache API needs addresses as names; no server has this one. */
const addressOf = (name: string) => `https://resnet-weights.invalid/${name}`;

async function quietly<T>(work: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
