import { checkInteger, type Random } from '@resnet/core';
import type { Image } from '../images/image.js';
import { checkColors } from './check-arguments.js';
import { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } from './color.js';
import {
  autoContrast,
  equalize,
  posterize,
  rotate,
  shearX,
  shearY,
  solarize,
  translateX,
  translateY,
} from './operations.js';
import { madeBy, type Transform } from './transform.js';

interface Operation {
  apply(image: Image, amount: number): Image;
  /** The amount at a strength from 0 to 1, without sign; absent if the operation has no amount. */
  amount?(strength: number, image: Image): number;
  /** Whether the amount is negated half of the times. */
  isSigned?: boolean;
}

const identity: Operation = { apply: (image) => image };

/** A factor about 1. */
const enhance = (change: (image: Image, factor: number) => Image, most: number): Operation => ({
  apply: (image, amount) => change(image, 1 + amount),
  amount: (strength) => most * strength,
  isSigned: true,
});

const moved = (apply: Operation['apply'], amount: NonNullable<Operation['amount']>): Operation => ({
  apply,
  amount,
  isSigned: true,
});

/** torchvision's fourteen operations, whose ranges differ between the two methods. */
function operations(most: {
  shear: number;
  translateX: (image: Image) => number;
  translateY: (image: Image) => number;
  degrees: number;
  factor: number;
  lostBits: number;
}): Operation[] {
  return [
    identity,
    moved(shearX, (strength) => most.shear * strength),
    moved(shearY, (strength) => most.shear * strength),
    moved(translateX, (strength, image) => most.translateX(image) * strength),
    moved(translateY, (strength, image) => most.translateY(image) * strength),
    moved(rotate, (strength) => most.degrees * strength),
    enhance(adjustBrightness, most.factor),
    enhance(adjustSaturation, most.factor),
    enhance(adjustContrast, most.factor),
    enhance(adjustSharpness, most.factor),
    { apply: posterize, amount: (strength) => 8 - Math.round(most.lostBits * strength) },
    { apply: solarize, amount: (strength) => 255 * (1 - strength) },
    { apply: autoContrast },
    { apply: equalize },
  ];
}

const RAND_AUGMENT = /* @__PURE__ */ operations({
  shear: 0.3,
  translateX: ({ width }) => (150 / 331) * width,
  translateY: ({ height }) => (150 / 331) * height,
  degrees: 30,
  factor: 0.9,
  lostBits: 4,
});

const TRIVIAL_AUGMENT = /* @__PURE__ */ operations({
  shear: 0.99,
  translateX: () => 32,
  translateY: () => 32,
  degrees: 135,
  factor: 0.99,
  lostBits: 6,
});

function applyRandom(
  list: Operation[],
  strength: (random: Random) => number,
  image: Image,
  random: Random,
): Image {
  const { apply, amount, isSigned } = list[random.int(list.length)]!;
  if (!amount) return apply(image, 0);
  const size = amount(strength(random), image);
  return apply(image, isSigned && random.int(2) === 1 ? -size : size);
}

/** The number of evenly spaced strengths, as in torchvision. */
const STRENGTHS = 31;

/**
 * RandAugment (Cubuk et al. 2020) with torchvision's operations and ranges: several random changes of shape or color, all of one
 * strength. For RGB images.
 *
 * @param options.operations the number of changes; 2 by default
 * @param options.strength 0 to 30; 9 by default
 * @throws OPTION_INVALID if an option is out of range; the transform throws SHAPE_MISMATCH if an image is not RGB
 */
export function randAugment(options: { operations?: number; strength?: number } = {}): Transform {
  const { operations: count = 2, strength = 9 } = options;
  checkInteger('operations', count, 1);
  checkInteger('strength', strength, 0, STRENGTHS - 1);
  return madeBy('randAugment', [options], (image, random) => {
    checkColors(image, 'randAugment');
    let changed = image;
    for (let index = 0; index < count; index++) {
      changed = applyRandom(RAND_AUGMENT, () => strength / (STRENGTHS - 1), changed, random);
    }
    return changed;
  });
}

/**
 * TrivialAugment (Müller and Hutter 2021), 'wide', with torchvision's operations and ranges: one random change of a
 * random strength. For RGB images; the transform throws SHAPE_MISMATCH for others.
 */
export function trivialAugment(): Transform {
  return madeBy('trivialAugment', [], (image, random) => {
    checkColors(image, 'trivialAugment');
    return applyRandom(TRIVIAL_AUGMENT, (source) => source.int(STRENGTHS) / (STRENGTHS - 1), image, random);
  });
}
