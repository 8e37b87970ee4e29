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
  return draw(height, width, Math.max(0, end - first), 1, (picture, place) => {
    return values[place * channels + first + picture]!;
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
  return draw(height, width, outChannels, inChannels, (filter, place, channel) => {
    return values[(place * inChannels + channel) * outChannels + filter]!;
  });
}

/** @param channels 1 for gray, 3 for colors */
function draw(
  height: number,
  width: number,
  count: number,
  channels: number,
  valueAt: (picture: number, place: number, channel: number) => number,
): Pictures {
  const places = height * width;
  const pixels = new Uint8ClampedArray(count * places * 4);
  const ranges = Array.from({ length: count }, (_, picture) => {
    let [smallest, largest] = [Infinity, -Infinity];
    for (let place = 0; place < places; place++) {
      for (let channel = 0; channel < channels; channel++) {
        const value = valueAt(picture, place, channel);
        if (value < smallest) smallest = value;
        if (value > largest) largest = value;
      }
    }
    const scale = largest > smallest ? 255 / (largest - smallest) : 0;
    for (let place = 0; place < places; place++) {
      const start = (picture * places + place) * 4;
      for (let color = 0; color < 3; color++) {
        const value = valueAt(picture, place, channels === 1 ? 0 : color);
        pixels[start + color] = (value - smallest) * scale;
      }
      pixels[start + 3] = 255;
    }
    return { smallest, largest };
  });
  return { height, width, pixels, ranges };
}
