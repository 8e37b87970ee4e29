import { Random, ResnetError } from '@resnet/backend';
import { adjustSaturation, type Image, scaledCenterCrop } from '@resnet/data';
import type { Classifier } from '@resnet/zoo';

/** The middle square of a picture, at so many pixels a side. */
export function middleOf(picture: Image, side: number): Image {
  return scaledCenterCrop({ shorterSide: side, size: side })(picture, new Random(0));
}

/** A colour picture as a network takes it: its middle, at the network's size, in colours or grey. */
export function fitImage(picture: Image, { inputShape, architecture }: Classifier): Image {
  const { name, inChannels } = architecture;
  const image = middleOf(picture, inputShape[0]);
  if (inChannels === 3) return image;
  if (inChannels === 1) {
    const { pixels } = adjustSaturation(image, 0);
    return { ...image, pixels: pixels.filter((_, place) => place % 3 === 0), channels: 1 };
  }
  const message = `${name} takes images of ${inChannels} channels; pictures have 3, or 1 when they are grey.`;
  throw new ResnetError('SHAPE_MISMATCH', message);
}
