export { CIFAR10_CLASSES, CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from './cifar/classes.js';
export {
  type Cifar100Labels,
  type CifarImages,
  parseCifar10,
  parseCifar100,
} from './cifar/format.js';
export { cropObjects } from './detection/crop-objects.js';
export type { DetectionDataset, ImageObjects, RepairedBoxes } from './detection/detection-dataset.js';
export {
  type DetectionBatch,
  type DetectionLoader,
  type DetectionLoaderOptions,
  type DetectionSample,
  detectionLoader,
} from './detection/detection-loader.js';
export { flipObjects } from './detection/flip-objects.js';
export { type ObjectStatistics, objectStatistics } from './detection/object-statistics.js';
export {
  composeObjects,
  imageOnly,
  type ObjectImage,
  type ObjectTransform,
} from './detection/object-transform.js';
export { type PaddedImages, padToBatch } from './detection/pad-to-batch.js';
export { resizeObjects } from './detection/resize-objects.js';
export { VOC_CLASSES } from './detection/voc/classes.js';
export type { DataErrorCode } from './error-codes.js';
export { imagenetAliases, imagenetNames } from './imagenet/class-names.js';
export { IMAGENET_CLASSES, type ImagenetClass, imagenetClass } from './imagenet/classes.js';
export { decodeImage } from './images/decode-image.js';
export type { Image } from './images/image.js';
export type { Batch, MixedLabels } from './loading/batch.js';
export { type Loader, type LoaderOptions, loader } from './loading/loader.js';
export { samplesAt } from './loading/samples.js';
export type {
  Dataset,
  EpochOrder,
  IgnoredFiles,
  IndexedDataset,
  Sample,
  StreamedDataset,
} from './sets/dataset.js';
export { labelsOf } from './sets/dataset.js';
export { type ImageSet, imageAt, padImages, selectImages, validateImageSet } from './sets/image-set.js';
export { type ClassMatch, type KnownClasses, matchClasses } from './sets/match-classes.js';
export { readImageSet } from './sets/read-image-set.js';
export { sliceImages } from './sets/slice.js';
export { splitImages } from './sets/split.js';
export { toDataset } from './sets/to-dataset.js';
export { type DatasetStatistics, datasetStatistics, type Spread } from './statistics/dataset-statistics.js';
export { channelStatistics, perPixelMean } from './statistics/image-statistics.js';
export {
  IMAGENET_NORMALIZATION,
  type Normalization,
  normalize,
  perPixelMeanNormalization,
} from './statistics/normalization.js';
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
