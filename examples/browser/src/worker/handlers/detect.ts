import { decodeImage, type Image } from '@resnet/data';
import { detect } from '@resnet/detection';
import { currentDetector } from '../session.js';
import { transferring } from '../transfer.js';

export interface FoundObject {
  /** Index of its class. */
  label: number;
  name: string;
  probability: number;
  /** x1, y1, x2, y2 in pixels of the picture. */
  box: readonly [number, number, number, number];
}

export interface Detected {
  /** The picture, whole. */
  image: Image;
  /** The surest first; those that are hardly sure are among them. */
  objects: FoundObject[];
  milliseconds: number;
}

/** Finds the objects in an image file: JPEG, PNG, GIF or WebP. */
export async function findObjects({ name, bytes }: { name: string; bytes: ArrayBuffer }): Promise<Detected> {
  const { prepared, normalization, classNames } = currentDetector();
  const image = await decodeImage(new Uint8Array(bytes), name);
  const start = performance.now();
  const { boxes, labels, scores } = await detect(prepared, image, { normalization });
  const milliseconds = performance.now() - start;
  const objects = Array.from(labels, (label, index): FoundObject => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * index, 4 * index + 4);
    return { label, name: classNames[label]!, probability: scores[index]!, box: [x1!, y1!, x2!, y2!] };
  });
  objects.sort((a, b) => b.probability - a.probability);
  return transferring({ image, objects, milliseconds }, [image.pixels.buffer as ArrayBuffer]);
}
