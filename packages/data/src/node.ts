export { datasetEntry, datasetNames, registerDataset } from './catalogue/catalogue.js';
export type { DatasetEntry, DownloadOptions, Found, OpenRequest, Purpose } from './catalogue/entry.js';
export { type OpenOptions, openDataset } from './catalogue/open-dataset.js';
export { type DownloadCifarOptions, downloadCifar10, downloadCifar100 } from './cifar/download-cifar.js';
export { readCifar10, readCifar100 } from './cifar/read-cifar.js';
export {
  detectionKindOf,
  detectionKinds,
  type OpenDetectionOptions,
  openDetectionDataset,
} from './detection/catalogue/open-detection-dataset.js';
export { type CocoDataset, type CocoOptions, readCoco } from './detection/coco/read-coco.js';
export { type DetectedObjects, readCocoResults, writeCocoResults } from './detection/coco/results.js';
export { type DigitScenesOptions, digitScenes } from './detection/scenes/digit-scenes.js';
export { readVoc, type VocOptions } from './detection/voc/read-voc.js';
export { readDigits } from './digits/read-digits.js';
export type { DataErrorCode } from './error-codes.js';
export { folderParts } from './folders/folder-parts.js';
export { IgnoredFilesCounter } from './folders/ignored-files.js';
export { type ImageFolder, imagesIn } from './folders/image-files.js';
export { imageFolder } from './folders/image-folder.js';
export { type ParquetOptions, readParquet } from './formats/parquet/read-parquet.js';
export { readImagenet } from './imagenet/read-imagenet.js';
export { decodeImage, decodeImageFile } from './images/decode-image.node.js';
export { readImage } from './images/read-image.js';
export { type TarShardsOptions, tarShards } from './shards/tar-shards.js';
export { type WriteShardsOptions, writeShards } from './shards/write-shards.js';
