/**
 * A cache of the results of `load`, which drops the least recently used ones. It loads one at a time, so that memory has only the
 * kept values and one that is being loaded. Simultaneous requests for one key share a load.
 *
 * @param mostBytes the bytes of the kept values; the last one is kept even if it is larger
 */
export function cache<Value>(
  load: (key: string) => Promise<{ value: Value; bytes: number }>,
  mostBytes: number,
): (key: string) => Promise<Value> {
  /** Oldest use first. */
  const kept = new Map<string, { value: Value; bytes: number }>();
  const asked = new Map<string, Promise<Value>>();
  let keptBytes = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const loadAndKeep = async (key: string) => {
    try {
      const loaded = await load(key);
      kept.set(key, loaded);
      keptBytes += loaded.bytes;
      for (const [oldest, { bytes }] of kept) {
        if (keptBytes <= mostBytes || oldest === key) break;
        kept.delete(oldest);
        keptBytes -= bytes;
      }
      return loaded.value;
    } finally {
      asked.delete(key);
    }
  };

  return async (key) => {
    const found = kept.get(key);
    if (found) {
      kept.delete(key);
      kept.set(key, found);
      return found.value;
    }
    const shared = asked.get(key);
    if (shared) return shared;
    const loading = queue.then(() => loadAndKeep(key));
    queue = loading.catch(() => {});
    asked.set(key, loading);
    return loading;
  };
}
