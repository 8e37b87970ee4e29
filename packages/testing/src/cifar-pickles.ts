import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

/** The files of CIFAR's Python version that scripts/fixtures/cifar-python.py wrote, by name. */
export function cifarPickles(): Map<string, Uint8Array> {
  const text = readFileSync(join(import.meta.dirname, '../../data/fixtures/cifar-python.json'), 'utf8');
  const files = Object.entries(JSON.parse(text) as Record<string, string>);
  return new Map(
    files.map(([name, packed]) => [name, new Uint8Array(inflateSync(Buffer.from(packed, 'base64')))]),
  );
}

/** The image at an index of those files, HWC. */
export function pickledImage(index: number): Uint8Array {
  return Uint8Array.from({ length: 3072 }, (_, position) => {
    const [pixel, channel] = [Math.floor(position / 3), position % 3];
    return 31 * index + 7 * (1024 * channel + pixel) + 50 * channel;
  });
}
