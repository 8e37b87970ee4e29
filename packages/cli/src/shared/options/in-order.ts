/** Reads one after another, so that of several that can't be read the error is always that of the first. */
export async function inOrder<T>(paths: readonly string[], read: (path: string) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (const path of paths) all.push(await read(path));
  return all;
}
