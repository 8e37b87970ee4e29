import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What is at a path, links followed; undefined if there is nothing, or nothing that can be seen. */
function statAt(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

export async function isFolder(path: string): Promise<boolean> {
  return (await statAt(path))?.isDirectory() === true;
}

/** The size of a file in bytes; undefined if there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  const found = await statAt(path);
  return found?.isFile() ? found.size : undefined;
}

export async function isFile(path: string): Promise<boolean> {
  return (await fileSize(path)) !== undefined;
}
