import { ResnetError } from '@resnet/core';
import {
  channelStatistics,
  cifarAugmentation,
  compose,
  type Dataset,
  grayscale,
  type ImageSet,
  imagenetAugmentation,
  type StreamedDataset,
  type Transform,
  torchvisionAugmentation,
} from '@resnet/data';
import { type Model, type Network, preprocessor } from '@resnet/zoo';
import type { FitOptions } from '../fit/fit-options.js';
import type { Recipe } from './recipe.js';

type Images = ImageSet | Dataset | StreamedDataset;
type Subject = Pick<Model, 'network' | 'preprocessing'>;

/** A network, and how images are scaled to its size in tests: those in memory are used whole, unless `preprocessing` says otherwise. */
export function subjectOf(
  network: Network,
  { train, preprocessing }: Pick<FitOptions, 'train' | 'preprocessing'>,
): Subject {
  if (preprocessing) return { network, preprocessing };
  if (!('images' in train)) return { network };
  return { network, preprocessing: { shorterSide: network.inputShape[0], filter: 'bilinear' } };
}

/**
 * The transform of a recipe for training images, which makes them fit the network.
 *
 * @returns undefined where it changes nothing
 * @throws OPTION_INVALID if its augmentation doesn't suit the set
 */
export function trainingTransform(
  { augmentation }: Recipe,
  train: Images,
  model: Subject,
): Transform | undefined {
  const [size, , channels] = model.network.inputShape;
  const inChannels = (transform: Transform) =>
    channels === 1 && !('images' in train) ? compose(transform, grayscale()) : transform;
  switch (augmentation) {
    case 'none':
      return testTransform(train, model);
    case 'scale-crop-flip-color':
      return inChannels(imagenetAugmentation({ size }));
    case 'resized-crop-flip':
      return inChannels(torchvisionAugmentation({ size }));
    case 'pad-crop-flip':
      if ('images' in train) {
        const augmented = cifarAugmentation(meanColor(train));
        const sized = testTransform(train, model);
        return sized ? compose(augmented, sized) : augmented;
      }
      throw new ResnetError(
        'OPTION_INVALID',
        `The recipe's augmentation, '${augmentation}', is for small images in memory, and '${train.name}' is a set of ` +
          'files. Take another recipe or augmentation, or give a transform.',
      );
  }
}

/** The transform that makes images of a set fit a network, as in all tests; undefined where they fit already. */
export function testTransform(set: Images, model: Subject): Transform | undefined {
  const [size] = model.network.inputShape;
  const isThatSize = 'images' in set && set.height === size && set.width === size;
  return isThatSize ? undefined : preprocessor(model);
}

/** The paper pads after subtracting the mean, with 0: in pixels, that is the mean. */
function meanColor(train: ImageSet): number[] {
  return channelStatistics(train).mean.map((mean) => Math.round(255 * mean));
}
