import { compose, grayscale, type ResizeFilter, scaledCenterCrop, type Transform } from '@resnet/data';
import type { Model, ModelNetwork } from './model.js';

/** How an image of any size becomes an input of a network, in tests and predictions: scaled, then center-cropped. */
export interface Preprocessing {
  /** The shorter side after scaling, in pixels; at least the side of the network's images. */
  shorterSide: number;
  filter: ResizeFilter;
}

/** What is asked of a network to bring images to its size. */
type Sizes = Pick<ModelNetwork, 'designSize' | 'inputShape'>;
type Subject = Pick<Model<ModelNetwork>, 'network' | 'preprocessing'>;

/** The usual preprocessing of photographs, as in torchvision: the middle 224 of 256. */
const PHOTOGRAPH = { shorterSide: 256, size: 224 };

/** Networks for ImageNet see the middle 224×224 of images whose shorter side is 256; small ones see all that they can. */
export function usualPreprocessing({ designSize, inputShape: [size] }: Sizes): Preprocessing {
  const isForPhotographs = designSize === PHOTOGRAPH.size;
  const shorterSide = isForPhotographs ? Math.round((size * PHOTOGRAPH.shorterSide) / PHOTOGRAPH.size) : size;
  return { shorterSide, filter: 'bilinear' };
}

/** How a model's images are scaled and cut: as its weights say, or as usual for its network; with the side of the result. */
export function preprocessingOf({ network, preprocessing }: Subject): Preprocessing & { size: number } {
  return { ...(preprocessing ?? usualPreprocessing(network)), size: network.inputShape[0] };
}

/**
 * The transform from images of any size to inputs of a model, as in the tests during training; the same for tests and
 * predictions.
 */
export function preprocessor(model: Subject): Transform {
  const { shorterSide, size, filter } = preprocessingOf(model);
  const middle = scaledCenterCrop({ shorterSide, size, ...(filter === 'bilinear' ? {} : { filter }) });
  return model.network.inputShape[2] === 1 ? compose(middle, grayscale()) : middle;
}
