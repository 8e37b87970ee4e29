import type { Image } from '../images/image.js';

// Operations of RandAugment and TrivialAugment, except those of colors. They give the bytes of Pillow's `Image.transform`
// (nearest neighbor, black outside) and ImageOps.

/**
 * Takes each pixel from the position that an affine map gives: column = a · x + b · y + c, row = d · x + e · y + f, where x and y
 * are the center of the target pixel.
 */
export function affine(image: Image, [a, b, c, d, e, f]: readonly number[]): Image {
  const { height, width, channels } = image;
  const pixels = new Uint8Array(image.pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = Math.floor(a! * (x + 0.5) + b! * (y + 0.5) + c!);
      const row = Math.floor(d! * (x + 0.5) + e! * (y + 0.5) + f!);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const from = (row * width + column) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++)
        pixels[to + channel] = image.pixels[from + channel]!;
    }
  }
  return { ...image, pixels };
}

/** Shears the image about its corner, by an amount of columns per row. */
export const shearX = (image: Image, amount: number): Image => affine(image, [1, amount, 0, 0, 1, 0]);
export const shearY = (image: Image, amount: number): Image => affine(image, [1, 0, 0, amount, 1, 0]);

/** Moves the image right or down by whole pixels. */
export const translateX = (image: Image, columns: number): Image =>
  affine(image, [1, 0, -Math.trunc(columns), 0, 1, 0]);
export const translateY = (image: Image, rows: number): Image =>
  affine(image, [1, 0, 0, 0, 1, -Math.trunc(rows)]);

/** Rotates the image about its center, counterclockwise. */
export function rotate(image: Image, degrees: number): Image {
  const angle = (-degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [image.width / 2, image.height / 2];
  return affine(image, [cosine, sine, x - cosine * x - sine * y, -sine, cosine, y + sine * x - cosine * y]);
}

/** Keeps the upper bits of each value. */
export function posterize(image: Image, bits: number): Image {
  const mask = 256 - 2 ** (8 - bits);
  return { ...image, pixels: image.pixels.map((value) => value & mask) };
}

/** Inverts values of at least the threshold. */
export function solarize(image: Image, threshold: number): Image {
  return { ...image, pixels: image.pixels.map((value) => (value < threshold ? value : 255 - value)) };
}

/** Stretches each channel from 0 to 255. */
export function autoContrast(image: Image): Image {
  return byTables(image, (counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return undefined;
    const scale = 255 / (high - low);
    const offset = -low * scale;
    return (value) => Math.trunc(value * scale + offset);
  });
}

/** Equalizes each channel's histogram. */
export function equalize(image: Image): Image {
  return byTables(image, (counts) => {
    const used = counts.filter((count) => count > 0);
    const total = used.reduce((sum, count) => sum + count, 0);
    const step = Math.floor((total - used.at(-1)!) / 255);
    if (used.length <= 1 || step === 0) return undefined;
    let before = Math.floor(step / 2);
    const table = Array.from(counts, (count) => {
      const value = Math.floor(before / step);
      before += count;
      return value;
    });
    return (value) => table[value]!;
  });
}

/** Maps each channel by a table that `make` computes from its histogram. */
function byTables(
  image: Image,
  make: (counts: Uint32Array) => ((value: number) => number) | undefined,
): Image {
  const { channels } = image;
  const pixels = image.pixels.slice();
  for (let channel = 0; channel < channels; channel++) {
    const counts = new Uint32Array(256);
    for (let position = channel; position < pixels.length; position += channels) counts[pixels[position]!]!++;
    const map = make(counts);
    if (!map) continue;
    const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => map(value));
    for (let position = channel; position < pixels.length; position += channels)
      pixels[position] = table[pixels[position]!]!;
  }
  return { ...image, pixels };
}
