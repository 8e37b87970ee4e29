import type { Module } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs-core';

/** A part of a batch: what one forward and one backward pass take. */
export interface BatchPart {
  /** Images in it. */
  count: number;
}

/** A batch as a training step takes it: in parts, whose gradients are summed. */
export interface StepInput<Part extends BatchPart = BatchPart> {
  /** Images of all parts. */
  readonly count: number;
  /** Makes the tensors of all parts in advance, and passes each to `upload`: on a GPU, while the step before is computed. */
  makeAhead?(upload: (tensor: tf.Tensor) => void): void;
  /** Is read once; the tensors of a part are disposed when the next part is read. */
  parts(): Iterable<Part>;
  /** Disposes the tensors that were made in advance and not read. */
  dispose?(): void;
}

/** What a part of a batch has come to. The trainer owns the tensors. */
export interface PartLoss {
  /** A mean over the part's images: what is differentiated. */
  loss: tf.Scalar;
  /** How many of the part's answers are wrong: of a classifier, images. Or a sum of how wrong each is. */
  errors: tf.Scalar;
  /** How many answers were judged. Default: one for each image. */
  answers?: number;
  /** What the loss is made of, by name, for the log: means like the loss. Always the same names. */
  losses?: Readonly<Record<string, tf.Scalar>>;
}

export interface TestResult {
  /** As in training, where the test computes it. */
  loss?: number;
  /** 0 to 1; the lowest decides which weights are best. Of a classifier the share of images misclassified, of a detector 1 − mAP. */
  error: number;
  /** Images tested. */
  count: number;
  /** Further results by name, for the log. */
  measures?: Readonly<Record<string, number>>;
}

/** What a run trains: how its batches come, what their loss is, and how the result is tested. */
export interface Task<Part extends BatchPart = BatchPart> {
  readonly network: Module;
  readonly batchesPerEpoch: number;
  /** The inputs of an epoch's steps, from step `first` of it on. Epochs and steps count from 0. The same each time. */
  epoch(epoch: number, first: number): AsyncIterable<StepInput<Part>>;
  /**
   * What a part's loss needs and only an asynchronous operation gives, such as values read from a GPU. Called before the part's `loss`. What
   * it makes is kept in the part, and freed with it.
   *
   * @param step counted from 1
   */
  prepare?(part: Part, step: number): Promise<void>;
  /**
   * Computes the loss of a part with the network in training mode; `fitTask` differentiates it. Random choices depend only on the
   * recipe's seed, the step and the part: a resumed run makes the same ones.
   *
   * @param step counted from 1
   */
  loss(part: Part, step: number): PartLoss;
  /** Changes the network after the last step, before the last test, such as the statistics of batch normalization. */
  reestimate?(signal?: AbortSignal): Promise<void>;
  /** Measures the network as it is. Without it nothing is tested. */
  test?(signal?: AbortSignal): Promise<TestResult>;
  /** Called when training has ended, however it did. */
  close?(): void;
}
