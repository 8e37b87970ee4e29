import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { streamRegularFile } from '@resnet/files/node';

/** The first 16 hexadecimal digits of a file's SHA-256. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of streamRegularFile(path)) hash.update(chunk);
  return hash.digest('hex').slice(0, 16);
}

/** A file in the same words on every machine. */
export async function describeFile(name: string, path: string = name): Promise<string> {
  return `${basename(name)}, SHA-256 ${await fileDigest(path)}`;
}
