import { access, constants, mkdir } from 'node:fs/promises';
import { dirname, extname, join, parse, resolve } from 'node:path';
import { ResnetError } from '@resnet/backend';
import type { Image, Normalization } from '@resnet/data';
import { gradCam, overlayHeat, type Prediction } from '@resnet/eval';
import { unwritable, writeWholeFile } from '@resnet/files/node';
import type { Network } from '@resnet/zoo';

/**
 * Where the pictures go, one for each image: to the file that --cam names, or into the folder.
 *
 * @throws OPTION_INVALID if two would go to one file, or one to where an image is
 */
export function camFiles(images: readonly string[], cam: string): string[] {
  const isFile = extname(cam).toLowerCase() === '.png';
  if (isFile && images.length > 1) {
    const message = `--cam ${cam} is one picture, but there are ${images.length} images. Name a folder.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  const files = images.map((image) => (isFile ? cam : join(cam, `${parse(image).name}.png`)));
  const paths = files.map((file) => resolve(file));
  const twice = files.find((_, place) => paths.indexOf(paths[place]!) < place);
  if (twice !== undefined) {
    const message = `Several images would be shown in ${twice}. Give images of different names.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  const replaced = images.find((image) => paths.includes(resolve(image)));
  if (replaced !== undefined) {
    throw new ResnetError('OPTION_INVALID', `--cam would replace the image ${replaced}. Name another place.`);
  }
  return files;
}

/** Makes the folder of these files. @throws FILE_UNWRITABLE if nothing can be written there */
export async function makeCamFolder(files: readonly string[]): Promise<void> {
  const folder = dirname(files[0]!);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw unwritable(folder, cause, 'another place with --cam');
  }
}

/** Writes the image with Grad-CAM's heat map of a class over it. @returns the class */
export async function writeCam(
  file: string,
  network: Network,
  image: Image,
  options: { normalization: Normalization; index: number },
): Promise<Prediction> {
  const found = await gradCam(network, image, options);
  const { pixels, height, width } = overlayHeat(image, found);
  // Imported only here: where it is missing, reading the image has said so.
  const { default: sharp } = await import('sharp');
  const png = await sharp(pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
  await writeWholeFile(file, png);
  const { index, probability } = found;
  return { index, probability };
}
