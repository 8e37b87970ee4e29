export { CIFAR10_CLASSES, parseCifar10 } from './cifar.js';
export type { Image } from './image.js';
export { type ImageSet, imageAt, padImages, selectImages, validateImageSet } from './image-set.js';
export { type Batch, type Loader, type LoaderOptions, loader } from './loader.js';
export {
  IMAGENET_NORMALIZATION,
  type Normalization,
  perPixelMeanNormalization,
  toTensor,
} from './normalization.js';
export { splitImages } from './split.js';
export { channelStatistics, perPixelMean } from './statistics.js';
export { cifarAugmentation, compose, horizontalFlip, padAndCrop, type Transform } from './transform.js';
