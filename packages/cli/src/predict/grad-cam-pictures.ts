import { access, constants, mkdir } from 'node:fs/promises';
import { dirname, extname, join, parse, relative, resolve, sep } from 'node:path';
import { ResnetError } from '@resnet/core';
import type { Image, Normalization } from '@resnet/data';
import { gradCam, overlayHeat, type Prediction } from '@resnet/eval';
import { unwritable, type WriteOptions, writeWholeFile } from '@resnet/files/node';
import type { Network } from '@resnet/zoo';
import { refuseRepeated } from '../shared/options/refuse-repeated.js';

/**
 * The paths of the pictures, one for each image: the file that --cam names, or files in its folder. There they have the names
 * of the images; where several images have the same name, also the folders in which they differ.
 *
 * @throws OPTION_INVALID if an image is given twice, or a picture would replace an image
 */
export function camFiles(images: readonly string[], cam: string): string[] {
  const isFile = extname(cam).toLowerCase() === '.png';
  if (isFile && images.length > 1) {
    const message = `--cam ${cam} is one picture, but there are ${images.length} images. Name a folder.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  const files = isFile ? [cam] : distinctNames(images).map((name) => join(cam, `${name}.png`));
  const paths = files.map((file) => resolve(file));
  const replaced = images.find((image) => paths.includes(resolve(image)));
  if (replaced !== undefined) {
    throw new ResnetError('OPTION_INVALID', `--cam would replace the image ${replaced}. Name another path.`);
  }
  return files;
}

/** Names without endings where they suffice, else paths below the folder that all images are in, with endings if need be. */
function distinctNames(images: readonly string[]): string[] {
  const paths = images.map((image) => resolve(image));
  refuseRepeated(images, 'The image ');
  const folder = commonFolder(paths);
  const withEndings = paths.map((path) => relative(folder, path));
  const forms = [
    paths.map((path) => parse(path).name),
    withEndings.map((path) => path.slice(0, path.length - extname(path).length)),
  ];
  // Some file systems take names for equal that differ in case.
  const isDistinct = (names: string[]) =>
    new Set(names.map((name) => name.toLowerCase())).size === names.length;
  return forms.find(isDistinct) ?? withEndings;
}

/** The innermost folder that all of these files are in. */
function commonFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => dirname(path).split(sep));
  const end = first!.findIndex((part, index) => others.some((parts) => parts[index] !== part));
  return first!.slice(0, end < 0 ? undefined : end).join(sep) || sep;
}

/** Makes the folders of these files. @throws FILE_UNWRITABLE if nothing can be written there */
export async function makeCamFolders(files: readonly string[]): Promise<void> {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
    } catch (cause) {
      throw unwritable(folder, cause, 'another path with --cam');
    }
  }
}

/** Writes the image with Grad-CAM's heat map of a class over it. @returns the class */
export async function writeCam(
  file: string,
  network: Network,
  image: Image,
  options: { normalization: Normalization; index: number } & WriteOptions,
): Promise<Prediction> {
  const found = await gradCam(network, image, options);
  const { pixels, height, width } = overlayHeat(image, found);
  // Imported only here: where it is missing, reading the image has said so.
  const { default: sharp } = await import('sharp');
  const png = await sharp(pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
  await writeWholeFile(file, png, options);
  const { index, probability } = found;
  return { index, probability };
}
