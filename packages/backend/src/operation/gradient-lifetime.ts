import type * as tf from '@tensorflow/tfjs-core';

/** Gradients that operations of this project have made, each for one input. */
const madeHere = new WeakSet<tf.Tensor>();

/** Marks a gradient that only the tape will hold, so that the operation which receives it may free it. */
export function giveAway<T extends tf.Tensor>(gradient: T): T {
  madeHere.add(gradient);
  return gradient;
}

/**
 * Frees a gradient that an operation has received and used. tfjs keeps all gradients until the backward pass is over; those of other
 * operations may have other readers, and are left to tfjs.
 */
export function freeReceived(dy: tf.Tensor): void {
  if (madeHere.has(dy)) dy.dispose();
}
