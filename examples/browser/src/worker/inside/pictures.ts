/** Pictures of one size, one after another. */
export interface Pictures {
  height: number;
  width: number;
  /** [count, height, width, 4], RGBA. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
  /** The values that are drawn black and white, of each picture. */
  ranges: { smallest: number; largest: number }[];
}

/**
 * Channels of a map in gray, each from its smallest value to its largest.
 *
 * @param values [height, width, channels]
 * @param shape of `values`
 */
export function picturesOfMaps(
  values: Float32Array,
  shape: readonly number[],
  first: number,
  count: number,
): Pictures {
  const [height, width, channels] = shape as [number, number, number];
  const end = Math.min(channels, first + count);
  return draw(height, width, Math.max(0, end - first), 1, (picture, pixel) => {
    return values[pixel * channels + first + picture]!;
  });
}

/**
 * Filters in the colors, or the gray, of the images that they are for; each from its smallest value to its largest.
 *
 * @param values [height, width, inChannels, outChannels]
 * @param shape of `values`, with 1 or 3 inChannels
 */
export function picturesOfFilters(values: Float32Array, shape: readonly number[]): Pictures {
  const [height, width, inChannels, outChannels] = shape as [number, number, number, number];
  return draw(height, width, outChannels, inChannels, (filter, pixel, channel) => {
    return values[(pixel * inChannels + channel) * outChannels + filter]!;
  });
}

/** @param channels 1 for gray, 3 for colors */
function draw(
  height: number,
  width: number,
  count: number,
  channels: number,
  valueAt: (picture: number, pixel: number, channel: number) => number,
): Pictures {
  const size = height * width;
  const pixels = new Uint8ClampedArray(count * size * 4);
  const ranges = Array.from({ length: count }, (_, picture) => {
    let [smallest, largest] = [Infinity, -Infinity];
    for (let pixel = 0; pixel < size; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        const value = valueAt(picture, pixel, channel);
        if (value < smallest) smallest = value;
        if (value > largest) largest = value;
      }
    }
    const scale = largest > smallest ? 255 / (largest - smallest) : 0;
    for (let pixel = 0; pixel < size; pixel++) {
      const start = (picture * size + pixel) * 4;
      for (let color = 0; color < 3; color++) {
        const value = valueAt(picture, pixel, channels === 1 ? 0 : color);
        pixels[start + color] = (value - smallest) * scale;
      }
      pixels[start + 3] = 255;
    }
    return { smallest, largest };
  });
  return { height, width, pixels, ranges };
}
