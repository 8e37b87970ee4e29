import { ResnetError } from '@resnet/core';
import type { Image } from '@resnet/data';
import type { HeatMap } from './grad-cam.js';

type Color = readonly [red: number, green: number, blue: number];

/** Matplotlib's color map inferno (Smith and van der Walt, CC0) at the eighths from 0 to 1. */
const INFERNO: readonly Color[] = [
  [0, 0, 4],
  [33, 12, 74],
  [87, 16, 110],
  [138, 34, 106],
  [188, 55, 84],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

/**
 * A heat map over the image that it is of. The map is enlarged bilinearly and laid over the image in colors from black over
 * purple and orange to light yellow, the more opaque the higher: where it is 0 the image stays as it is.
 *
 * @param image RGB or gray
 * @param heat from 0 to 1, such as `gradCam` gives
 * @param options.opacity of the color where the map is 1; from 0 to 1, default 0.7
 * @returns a new image, RGB, of the size of the image
 * @throws OPTION_INVALID if the opacity is out of range; SHAPE_MISMATCH if the image has neither 1 nor 3 channels
 */
export function overlayHeat(image: Image, heat: HeatMap, options: { opacity?: number } = {}): Image {
  const { height, width, channels } = image;
  const { opacity = 0.7 } = options;
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new ResnetError('OPTION_INVALID', `opacity must be from 0 to 1, found ${opacity}.`);
  }
  if (channels !== 1 && channels !== 3) {
    throw new ResnetError('SHAPE_MISMATCH', `An image must have 1 or 3 channels, found ${channels}.`);
  }
  const down = neighbors(heat.height, height);
  const across = neighbors(heat.width, width);
  const pixels = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = valueBetween(heat, down[row]!, across[column]!);
      const color = colorOf(value);
      const share = opacity * value;
      const pixel = row * width + column;
      for (let channel = 0; channel < 3; channel++) {
        const below = image.pixels[pixel * channels + (channels === 1 ? 0 : channel)]!;
        pixels[pixel * 3 + channel] = Math.round(below + (color[channel]! - below) * share);
      }
    }
  }
  return { pixels, height, width, channels: 3 };
}

/** The indices of two neighbors, and how far a point is from the first to the second, 0 to 1. */
interface Between {
  first: number;
  second: number;
  share: number;
}

/** For the centers of `to` pixels, the neighbors among `from` pixels of the same length; at the ends the outermost ones. */
function neighbors(from: number, to: number): Between[] {
  return Array.from({ length: to }, (_, index) => {
    const center = ((index + 0.5) * from) / to - 0.5;
    return between(Math.min(from - 1, Math.max(0, center)), from);
  });
}

function between(position: number, length: number): Between {
  const first = Math.floor(position);
  return { first, second: Math.min(first + 1, length - 1), share: position - first };
}

function valueBetween({ heat, width }: HeatMap, down: Between, across: Between): number {
  const inRow = (row: number) =>
    mix(heat[row * width + across.first]!, heat[row * width + across.second]!, across.share);
  return mix(inRow(down.first), inRow(down.second), down.share);
}

function colorOf(value: number): Color {
  const { first, second, share } = between(value * (INFERNO.length - 1), INFERNO.length);
  const [low, high] = [INFERNO[first]!, INFERNO[second]!];
  return [mix(low[0], high[0], share), mix(low[1], high[1], share), mix(low[2], high[2], share)];
}

function mix(first: number, second: number, share: number): number {
  return first + (second - first) * share;
}
