import { type ImageSet, type Normalization, perPixelMeanNormalization } from '@resnet/data';
import type { Plan } from './plan.js';
import { readCifarFiles } from './read-cifar-files.js';
import { readDigitsFile } from './read-digits-file.js';

export interface TrainingData {
  train: ImageSet;
  test: ImageSet;
  normalization: Normalization;
  fingerprint: number;
}

/** Where the images come from. */
export interface DataSource {
  /** The address of the digits. */
  digits: string;
  /** Files of CIFAR-10. */
  files: readonly File[];
}

/** @throws DATA_MISSING; DATA_INVALID */
export async function readTrainingData(
  { data }: Plan,
  { digits, files }: DataSource,
  signal: AbortSignal,
): Promise<TrainingData> {
  const sets = data === 'digits' ? await readDigitsFile(digits, signal) : await readCifarFiles(files);
  const { train, test } = sets;
  return {
    ...sets,
    normalization: perPixelMeanNormalization(train),
    fingerprint: [train.images, train.labels, test.images, test.labels].reduce(hash, 0x811c9dc5),
  };
}

/** FNV-1a. */
function hash(start: number, bytes: Uint8Array): number {
  let value = start;
  for (let index = 0; index < bytes.length; index++) {
    value = Math.imul(value ^ bytes[index]!, 0x01000193);
  }
  return value;
}
