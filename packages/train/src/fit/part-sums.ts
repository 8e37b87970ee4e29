import { sumOfSquares } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { PartLoss } from './task.js';

/** What the parts of a batch have come to, and add up to. */
export class PartSums {
  /** Each part's share of the loss. */
  readonly losses: tf.Scalar[] = [];
  readonly #errors: tf.Scalar[] = [];
  readonly #named = new Map<string, tf.Scalar[]>();
  /** Answers judged, where they are not the images. */
  answers: number | undefined;

  /** The names of what the loss is made of. */
  get names(): string[] {
    return [...this.#named.keys()];
  }

  /**
   * Adds all but the loss; keeps its tensors when the scope around it ends.
   *
   * @param share of the batch's images
   */
  add({ errors, answers, losses = {} }: PartLoss, share: number): void {
    this.#errors.push(tf.keep(errors));
    if (answers !== undefined) this.answers = (this.answers ?? 0) + answers;
    for (const [name, loss] of Object.entries(losses)) {
      const before = this.#named.get(name) ?? [];
      this.#named.set(name, [...before, tf.keep(tf.mul<tf.Scalar>(loss, share))]);
    }
  }

  /** A vector of the loss, the errors, the sum of the squares of the gradients, and the named losses. */
  stack(gradients: tf.NamedTensorMap): tf.Tensor1D {
    // One tensor, as each read from a GPU waits for all that is queued.
    return tf.tidy(() =>
      tf.stack<tf.Tensor>([
        tf.addN(this.losses),
        tf.cast(tf.addN(this.#errors), 'float32'),
        sumOfSquares(Object.values(gradients)),
        ...[...this.#named.values()].map((losses) => tf.addN(losses)),
      ]),
    ) as tf.Tensor1D;
  }

  dispose(): void {
    tf.dispose([this.losses, this.#errors, ...this.#named.values()]);
  }
}
