import type { ResnetError } from '@resnet/core';
import type { Dataset, ImageSet, Mixing, Normalization, StreamedDataset, Transform } from '@resnet/data';
import type { ActivationRanges, Preprocessing } from '@resnet/zoo';
import type { Recipe } from '../recipe/recipe.js';
import type { FitTaskOptions } from './fit-task-options.js';

export interface FitOptions extends FitTaskOptions {
  train: ImageSet | Dataset | StreamedDataset;
  /** Held-out images, whose classes are found among those of `train` by name; without them nothing is tested. */
  test?: ImageSet | Dataset;
  recipe: Recipe;
  normalization: Normalization;
  /** What is done to the training images, instead of the recipe's augmentation at the network's size. */
  transform?: Transform;
  /** How test images are scaled to the network's size. Default: whole if those of `train` are in memory, else as usual for the network. */
  preprocessing?: Preprocessing;
  /** What is done to the test images, instead of `preprocessing`. */
  testTransform?: Transform;
  /** What is done to each training batch: mixup or cutmix. */
  mixing?: Mixing;
  /** Threads that make the batches. Default 0. */
  workers?: number;
  /**
   * Whether only some activations are kept for the backward pass and the others computed again there: the same weights to the last
   * bit, with far less memory, in about four thirds of the time. Default: as `network.recompute` says.
   */
  recompute?: boolean;
  /**
   * Quantization-aware training, to fine-tune trained weights: the network is trained and tested as `network.fakeQuantization` says,
   * with these ranges of activations (`weights.ranges` of what `quantize` makes of it), which stay as they are. Afterwards
   * `quantizeWith` with the same ranges makes the quantized network. Default: as `network.fakeQuantization` says. A resumed run has
   * the ranges of its checkpoint.
   */
  fakeQuantization?: ActivationRanges;
  /**
   * Called for each broken image, which is left out: for training images in every epoch, for test images in every test.
   * Without it, the first broken image ends training.
   */
  onBroken?: (error: ResnetError, index: number, part: 'train' | 'test') => void;
}
