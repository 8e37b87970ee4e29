export type { Batch, MixedLabels } from './batch.js';
export {
  CIFAR10_CLASSES,
  CIFAR100_CLASSES,
  CIFAR100_SUPERCLASSES,
  type Cifar100Labels,
  type CifarImages,
  parseCifar10,
  parseCifar100,
} from './cifar.js';
export type { Dataset, LeftOut, StreamedDataset, StreamedSample, StreamOrder } from './dataset.js';
export { type DatasetStatistics, datasetStatistics, type Spread } from './dataset-statistics.js';
export { decodeImage } from './decode.js';
export type { DataErrorCode } from './error-codes.js';
export type { Image } from './image.js';
export { type ImageSet, imageAt, padImages, selectImages, validateImageSet } from './image-set.js';
export { IMAGENET_CLASSES, type ImagenetClass, imagenetClass } from './imagenet-classes.js';
export { type Loader, type LoaderOptions, loader } from './loader.js';
export { type ClassMatch, type KnownClasses, matchClasses } from './match-classes.js';
export {
  IMAGENET_NORMALIZATION,
  type Normalization,
  normalize,
  perPixelMeanNormalization,
} from './normalization.js';
export { readImageSet, toDataset } from './read-image-set.js';
export { splitImages } from './split.js';
export { channelStatistics, perPixelMean } from './statistics.js';
export {
  cifarAugmentation,
  imagenetAugmentation,
  torchvisionAugmentation,
} from './transforms/augmentations.js';
export { randAugment, trivialAugment } from './transforms/automatic.js';
export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  type ColorJitterOptions,
  colorJitter,
  grayscale,
} from './transforms/color.js';
export {
  type ColorComponents,
  colorComponents,
  colorShift,
  IMAGENET_COLOR_COMPONENTS,
} from './transforms/color-shift.js';
export { centerCrop, crop, padAndCrop, type Region, randomCrop, tenCrop } from './transforms/crop.js';
export { horizontalFlip, mirrored } from './transforms/flip.js';
export { cutmix, type Mixing, mixup, oneOf } from './transforms/mixing.js';
export { randomErasing } from './transforms/random-erasing.js';
export { importTransform } from './transforms/remake.js';
export {
  type ResizeFilter,
  type ResizeOptions,
  randomResizedCrop,
  randomScaledCrop,
  resize,
  resizeShorterSide,
  scaledCenterCrop,
} from './transforms/resize.js';
export { compose, type Origin, type Transform } from './transforms/transform.js';
