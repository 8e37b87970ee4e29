import type { Image } from '../images/image.js';
import { madeBy, type Transform } from './transform.js';

/** Mirrors left and right with probability 1/2 (Section 4.2 of the paper). */
export function horizontalFlip(): Transform {
  return madeBy('horizontalFlip', [], (image, random) => (random.uniform() < 0.5 ? mirrored(image) : image));
}

/** The image with left and right exchanged, as a copy. */
export function mirrored({ pixels, height, width, channels }: Image): Image {
  const flipped = new Uint8Array(pixels.length);
  const rowBytes = width * channels;
  for (let row = 0; row < pixels.length; row += rowBytes) {
    let right = row + rowBytes - channels;
    for (let left = row; left < row + rowBytes; left += channels, right -= channels) {
      if (channels === 3) {
        flipped[left] = pixels[right]!;
        flipped[left + 1] = pixels[right + 1]!;
        flipped[left + 2] = pixels[right + 2]!;
      } else
        for (let channel = 0; channel < channels; channel++)
          flipped[left + channel] = pixels[right + channel]!;
    }
  }
  return { pixels: flipped, height, width, channels };
}
