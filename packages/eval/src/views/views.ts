import { Random, ResnetError } from '@resnet/core';
import { type Image, mirrored, resizeShorterSide, type Transform, tenCrop } from '@resnet/data';

/** What a network sees of each image in a test. */
export type View = SingleView | CropsView | MapsView;

/** Each image once. */
export interface SingleView {
  kind: 'single';
  /** For results. */
  name: string;
  /** Brings all images to one size, where they have many. */
  transform?: Transform;
}

/** Parts of one size, whose scores are averaged. */
export interface CropsView {
  kind: 'crops';
  name: string;
  crops(image: Image): Image[];
}

/** Images of any size, to which the network is applied as a convolution; the scores of all positions are averaged. */
export interface MapsView {
  kind: 'maps';
  name: string;
  /** One at a time, as they may be large. */
  images(image: Image): Iterable<Image>;
}

/** The shorter sides of the paper's multi-scale tests (Section 3.4). */
export const PAPER_SCALES = [224, 256, 384, 480, 640] as const;

/**
 * Each image once: as the paper tests on CIFAR-10 (Section 4.2), or, with `scaledCenterCrop()`, its middle.
 *
 * @param transform brings all images to one size
 */
export function singleView(transform?: Transform): SingleView {
  if (!transform) return { kind: 'single', name: 'single view' };
  return { kind: 'single', name: `single view, ${described(transform)}`, transform };
}

/** As code: 'scaledCenterCrop({"size":32})'. */
function described({ origin }: Transform): string {
  if (!origin) return 'a transform';
  const { maker, options } = origin;
  const words = options.map((option) =>
    typeof option === 'function' ? described(option as Transform) : JSON.stringify(option),
  );
  return words.length === 0 ? maker : `${maker}(${words.join(', ')})`;
}

/**
 * The standard 10-crop test (Section 3.4, after AlexNet): four corners and the middle, and their mirrors.
 *
 * @param options.shorterSide to which images are scaled first; 256 by default
 * @param options.size of the crops' sides; 224 by default
 */
export function tenCropView(options: { shorterSide?: number; size?: number } = {}): CropsView {
  const { shorterSide = 256, size = 224 } = options;
  if (!(shorterSide >= size)) {
    const message = `Crops of ${size} don't fit into images whose shorter side is ${shorterSide}.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  const scale = resizeShorterSide(shorterSide);
  return {
    kind: 'crops',
    name: `10 crops of ${size}, shorter side ${shorterSide}`,
    crops: (image) => tenCrop(applyTransform(scale, image), size),
  };
}

/** The paper's largest is 640; of 8192 the first maps of one image take 4 GB. */
const MOST_SIDE = 2048;
const MOST_SCALES = 32;

/**
 * The fully convolutional test at several scales (Section 3.4): the whole image and its mirror with the shorter side at each of
 * these lengths, the scores averaged over positions, mirrors and scales.
 *
 * @param options.shorterSides in pixels; the paper's five by default
 * @throws OPTION_INVALID
 */
export function multiScaleView(options: { shorterSides?: readonly number[] } = {}): MapsView {
  const { shorterSides = PAPER_SCALES } = options;
  if (shorterSides.length === 0) {
    throw new ResnetError('OPTION_INVALID', 'A multi-scale test needs at least one shorter side.');
  }
  const large = shorterSides.find((side) => !(side <= MOST_SIDE));
  if (large !== undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      `The shorter sides of a multi-scale test must be at most ${MOST_SIDE} pixels, found ${large}.`,
    );
  }
  if (shorterSides.length > MOST_SCALES) {
    throw new ResnetError('OPTION_INVALID', `A multi-scale test has at most ${MOST_SCALES} scales.`);
  }
  const scales = shorterSides.map((side) => resizeShorterSide(side));
  return {
    kind: 'maps',
    name: `fully convolutional, shorter sides ${shorterSides.join(', ')}, mirrored too`,
    *images(image) {
      for (const scale of scales) {
        const scaled = applyTransform(scale, image);
        yield scaled;
        yield mirrored(scaled);
      }
    },
  };
}

/** For transforms that draw no random numbers. */
export function applyTransform(transform: Transform, image: Image): Image {
  return transform(image, new Random(0));
}
