import { ResnetError } from '@resnet/core';

/** Pixels an inch; at 72, the picture would have the size of the drawing. */
const DENSITY = 144;

/** An SVG document as a picture of twice its size. @returns a PNG @throws PACKAGE_MISSING */
export async function svgToPng(svg: string): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp').catch((cause: Error) => {
    const message =
      `Drawing a PNG needs the package 'sharp', which doesn't start here: ${cause.message} ` +
      'Run: npm install --include=optional sharp. Or write an SVG: --out curves.svg';
    throw new ResnetError('PACKAGE_MISSING', message, { cause });
  });
  return sharp(Buffer.from(svg), { density: DENSITY }).png().toBuffer();
}
