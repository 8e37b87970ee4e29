import sharp from 'sharp';
import { decodeImage } from '../../../packages/data/src/images/decode-image.node.js';
import { jsonFixture, type Target } from './target.js';

export async function images(): Promise<Target[]> {
  const { files } = (await jsonFixture('data', 'image-modes.json')) as {
    files: { name: string; file: string }[];
  };
  const all = files.map(({ name, file }) => ({ name, bytes: new Uint8Array(Buffer.from(file, 'base64')) }));
  const small = () => sharp({ create: { width: 12, height: 9, channels: 3, background: '#1256a4' } });
  const more = await Promise.all([
    small().avif().toBuffer(),
    small().tiff().toBuffer(),
    small().webp().toBuffer(),
    small().gif().toBuffer(),
  ]);
  const plain = /\.(bmp|pbm|pgm|ppm)$/;
  const parse = (bytes: Uint8Array) => decodeImage(bytes, 'image', async () => {});
  return [
    {
      name: 'JPEG, PNG, WebP, GIF, AVIF, TIFF',
      bases: [
        ...all.filter(({ name }) => !plain.test(name)).map(({ bytes }) => bytes),
        ...more.map((each) => new Uint8Array(each)),
      ],
      parse,
    },
    {
      name: 'BMP, PBM, PGM, PPM',
      bases: all.filter(({ name }) => plain.test(name)).map(({ bytes }) => bytes),
      parse,
    },
  ];
}
