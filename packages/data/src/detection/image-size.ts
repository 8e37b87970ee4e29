import { decodeImage, readImageFile } from '../images/decode-image.node.js';
import { readImageHeader } from '../images/headers/image-header.js';

/** The size of an image file, from its header where that tells. @throws as `decodeImageFile` */
export async function imageSize(path: string): Promise<readonly [height: number, width: number]> {
  const bytes = await readImageFile(path);
  const { height, width } = readImageHeader(bytes) ?? (await decodeImage(bytes, path));
  return [height, width];
}
