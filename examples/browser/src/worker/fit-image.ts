import { Random, ResnetError } from '@resnet/core';
import { type Image, scaledCenterCrop } from '@resnet/data';
import { type Model, preprocessingOf, preprocessor } from '@resnet/zoo';

type Subject = Pick<Model, 'network' | 'preprocessing'>;

/** A color picture as a network takes it: its center, at the network's size, in color or gray. */
export function fitImage(picture: Image, model: Subject): Image {
  const { name, inChannels } = model.network.architecture;
  if (inChannels === 1 || inChannels === 3) return preprocessor(model)(picture, new Random(0));
  const message = `${name} takes images of ${inChannels} channels; pictures have 3, or 1 when they are gray.`;
  throw new ResnetError('SHAPE_MISMATCH', message);
}

/** The same part of the picture, in color, with this many pixels a side. */
export function shownPart(picture: Image, model: Subject, side: number): Image {
  const { shorterSide, size } = preprocessingOf(model);
  const scaled = Math.round((side * shorterSide) / size);
  return scaledCenterCrop({ shorterSide: scaled, size: side })(picture, new Random(0));
}
