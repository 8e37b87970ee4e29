import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../../packages/core/src/index.js';

/** A parser with what it is given. */
export interface Target {
  name: string;
  /** Whole files, of which each call gets a mutated copy. */
  bases: readonly Uint8Array[];
  isText?: boolean;
  /** Packs mutated bytes so that the parser reads them: with right checksums, or compressed. */
  wrap?(bytes: Uint8Array, random: Random): Uint8Array;
  parse(bytes: Uint8Array): Promise<unknown> | unknown;
}

/** The path of a file in the fixtures of a package. */
const fixturePath = (of: string, name: string) => join(process.cwd(), 'packages', of, 'fixtures', name);
export const fixture = async (of: string, name: string) =>
  new Uint8Array(await readFile(fixturePath(of, name)));
export const jsonFixture = async (of: string, name: string) =>
  JSON.parse(await readFile(fixturePath(of, name), 'utf8'));
export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const json = (value: unknown) => bytesOf(JSON.stringify(value));

/** Makes a function that writes bytes to this file, and gives its path. */
export async function fileWriter(
  folder: string,
  name: string,
): Promise<(bytes: Uint8Array) => Promise<string>> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  return async (bytes) => {
    await writeFile(path, bytes);
    return path;
  };
}
