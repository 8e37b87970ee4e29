import * as tf from '@tensorflow/tfjs-core';

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

/** What is needed no more as soon as the next operation's gradients are asked for. */
let doomed: tf.Tensor[] = [];

/**
 * Has to be called when an operation's gradients are asked for, with what it has saved: frees what only those before it needed. tfjs would
 * keep what operations have saved, and so the activations of all layers, until the backward pass is over.
 */
export function beginGradients(saved: readonly tf.Tensor[]): void {
  const past = doomed;
  doomed = [...saved];
  tf.dispose(past);
}

/** Frees a tensor when the next operation's gradients are asked for. */
export function freeLater(tensor: tf.Tensor): void {
  doomed.push(tensor);
}

/** For each backward pass, the tensors that have a gradient from an operation of this project. */
const withGradient = new WeakMap<object, Set<number>>();

/**
 * Has to be called with each gradient that an operation has made for an input. Where the input has one already, tfjs adds this one to
 * it, and then keeps it for nothing.
 */
export function freeAfterAddition(gradient: tf.Tensor, inputId: number): void {
  const pass = tf.engine().state.activeTape;
  if (!pass || !madeHere.has(gradient)) return;
  const seen = withGradient.get(pass) ?? new Set();
  withGradient.set(pass, seen);
  if (seen.has(inputId)) freeLater(gradient);
  else seen.add(inputId);
}
