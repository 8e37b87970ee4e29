import { ResnetError } from '@resnet/core';
import { checkRange } from './check-arguments.js';
import { madeBy, type Transform } from './transform.js';

/**
 * Random erasing (Zhong et al. 2020), drawn as torchvision's `RandomErasing` does: with some probability, a
 * rectangle of random area and shape is filled. If ten rectangles don't fit, nothing is.
 *
 * @param options.probability 0.5 by default
 * @param options.area the range of the rectangle's share of the image; [0.02, 0.33] by default
 * @param options.ratio the range of its height by its width; [0.3, 3.3] by default
 * @param options.fill one number a channel, 0 to 255, or 'noise'; black by default
 * @throws OPTION_INVALID if an option is out of range; the transform throws SHAPE_MISMATCH if an image has another
 *   number of channels than the fill
 */
export function randomErasing(
  options: {
    probability?: number;
    area?: readonly [number, number];
    ratio?: readonly [number, number];
    fill?: readonly number[] | 'noise';
  } = {},
): Transform {
  const { probability = 0.5, area = [0.02, 0.33], ratio = [0.3, 3.3], fill } = options;
  if (!(probability >= 0 && probability <= 1)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `probability must be a number from 0 to 1, found ${probability}.`,
    );
  }
  checkRange('area', area, 0);
  checkRange('ratio', ratio, Number.MIN_VALUE);
  const [smallest, largest] = area;
  const [flattest, tallest] = ratio.map(Math.log) as [number, number];
  return madeBy('randomErasing', [options], (image, random) => {
    const { height, width, channels } = image;
    if (fill && fill !== 'noise' && fill.length !== channels) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        `fill must have one number for each of the image's ${channels} channels, found ${fill.length}.`,
      );
    }
    if (random.uniform() >= probability) return image;
    for (let attempt = 0; attempt < 10; attempt++) {
      const share = height * width * (smallest + (largest - smallest) * random.uniform());
      const shape = Math.exp(flattest + (tallest - flattest) * random.uniform());
      const rows = Math.round(Math.sqrt(share * shape));
      const columns = Math.round(Math.sqrt(share / shape));
      if (rows >= height || columns >= width) continue;
      const top = random.int(height - rows + 1);
      const left = random.int(width - columns + 1);
      const pixels = image.pixels.slice();
      for (let row = top; row < top + rows; row++) {
        const start = (row * width + left) * channels;
        for (let position = start; position < start + columns * channels; position++) {
          pixels[position] =
            fill === 'noise' ? random.int(256) : (fill?.[(position - start) % channels] ?? 0);
        }
      }
      return { ...image, pixels };
    }
    return image;
  });
}
