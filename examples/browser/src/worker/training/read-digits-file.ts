import { ResnetError } from '@resnet/core';
import type { ImageSet } from '@resnet/data';

const SIZE = 32;
const CLASSES = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * Fetches the handwritten digits that come with the page (build/digits-file.ts): the 9,000 and 1,000 of `readDigits`, 32x32, gray.
 *
 * @throws DATA_MISSING if they can't be fetched
 */
export async function readDigitsFile(
  url: string,
  signal: AbortSignal,
): Promise<{ train: ImageSet; test: ImageSet }> {
  let bytes: Uint8Array;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
    const unpacked = response.body!.pipeThrough(new DecompressionStream('gzip'));
    bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    const message = `The digits could not be loaded (${(cause as Error).message}). Try again, or train on CIFAR-10.`;
    throw new ResnetError('DATA_MISSING', message, { cause });
  }
  const view = new DataView(bytes.buffer);
  let position = 8;
  const take = (length: number) => {
    position += length;
    return bytes.subarray(position - length, position);
  };
  const part = (name: string, count: number): ImageSet => {
    const [images, labels] = [take(count * SIZE ** 2), take(count)];
    return { name, images, labels, count, height: SIZE, width: SIZE, channels: 1, classes: CLASSES };
  };
  return {
    train: part('Digits train', view.getUint32(0, true)),
    test: part('Digits test', view.getUint32(4, true)),
  };
}
