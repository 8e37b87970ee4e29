import type * as tf from '@tensorflow/tfjs-core';

/** Gradients that operations of this project have made for one input each. */
const madeHere = new WeakSet<tf.Tensor>();

/** Says that nobody but the tape will hold this gradient, so that the operation which receives it may free it. */
export function giveAway<T extends tf.Tensor>(gradient: T): T {
  madeHere.add(gradient);
  return gradient;
}

/**
 * Frees a gradient that an operation has received and made use of. tfjs keeps them all until the whole backward pass is
 * over; those of others may have other readers, and are left to it.
 */
export function freeReceived(dy: tf.Tensor): void {
  if (madeHere.has(dy)) dy.dispose();
}
