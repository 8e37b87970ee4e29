import { ResnetError } from '@resnet/backend';
import {
  channelStatistics,
  cifarAugmentation,
  type Dataset,
  type ImageSet,
  imagenetAugmentation,
  type StreamedDataset,
  scaledCenterCrop,
  type Transform,
  torchvisionAugmentation,
} from '@resnet/data';
import type { Recipe } from './recipe.js';

/**
 * What a recipe does to images in training, and in tests.
 *
 * @throws OPTION_INVALID if its augmentation doesn't suit the set
 */
export function transformsOf(
  { augmentation }: Recipe,
  train: ImageSet | Dataset | StreamedDataset,
): { train?: Transform; test?: Transform } {
  switch (augmentation) {
    case 'none':
      return {};
    case 'scale-crop-flip-color':
      return { train: imagenetAugmentation(), test: scaledCenterCrop() };
    case 'resized-crop-flip':
      return { train: torchvisionAugmentation(), test: scaledCenterCrop() };
    case 'pad-crop-flip':
      if ('images' in train) return { train: cifarAugmentation(meanColour(train)) };
      throw new ResnetError(
        'OPTION_INVALID',
        `The recipe's augmentation, '${augmentation}', is for small images in memory, and '${train.name}' is a set of ` +
          'files. Take another recipe or augmentation, or give a transform.',
      );
  }
}

/** The paper pads after subtracting the mean, with 0: in pixels, that is the mean. */
function meanColour(train: ImageSet): number[] {
  return channelStatistics(train).mean.map((mean) => Math.round(255 * mean));
}
