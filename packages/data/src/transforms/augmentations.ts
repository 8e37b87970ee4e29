import { colorShift } from './color-shift.js';
import { padAndCrop } from './crop.js';
import { horizontalFlip } from './flip.js';
import { randomResizedCrop, randomScaledCrop } from './resize.js';
import { compose, type Transform } from './transform.js';

/**
 * The paper's augmentation for CIFAR-10 (Section 4.2): 4 pixels of padding, a random crop, a random flip.
 *
 * @param fill the color of the border, one number a channel, 0 to 255; black by default
 * @throws OPTION_INVALID if the fill is out of range
 */
export function cifarAugmentation(fill?: readonly number[]): Transform {
  return compose(padAndCrop(fill && { fill }), horizontalFlip());
}

/**
 * The paper's augmentation for ImageNet (Section 3.4): the shorter side drawn from [256, 480], a random crop of
 * 224×224, a random flip, and AlexNet's color augmentation.
 *
 * @param options.size of the crops' sides, in pixels; 224 by default. The range of the shorter side is scaled with it
 * @throws OPTION_INVALID if the size is not an integer of at least 1
 */
export function imagenetAugmentation(options: { size?: number } = {}): Transform {
  const { size = 224 } = options;
  const scaled = (side: number) => Math.round((side * size) / 224);
  return compose(
    randomScaledCrop({ shorterSide: [scaled(256), scaled(480)], size }),
    horizontalFlip(),
    colorShift(),
  );
}

/**
 * The augmentation of torchvision's reference training on ImageNet: a random resized crop and a random flip.
 *
 * @param options.size of the crops' sides, in pixels; 224 by default
 * @throws OPTION_INVALID if the size is not an integer of at least 1
 */
export function torchvisionAugmentation(options: { size?: number } = {}): Transform {
  return compose(randomResizedCrop(options.size ?? 224), horizontalFlip());
}
