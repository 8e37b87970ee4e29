import * as tf from '@tensorflow/tfjs-core';
import { atOnceOrInTurn } from '../turns.js';
import { isRunning, stop } from './starting.js';

/** The running backends and how many users each has, in the order in which they were last asked for. */
const held = new Map<tf.KernelBackend, { tfjsName: string; count: number }>();

/**
 * Keeps the current backend running until all its users have released it. Of the other backends, the one that was asked for last
 * then becomes the current one.
 *
 * @returns releases it; does nothing when called again, or once the backend has been replaced
 */
export function hold(): () => void {
  const backend = tf.backend();
  const holding = held.get(backend) ?? { tfjsName: tf.getBackend(), count: 0 };
  held.delete(backend);
  held.set(backend, holding);
  holding.count++;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    holding.count--;
    atOnceOrInTurn(() => {
      if (holding.count === 0 && held.get(backend) === holding) end(backend, holding.tfjsName);
    });
  };
}

function end(backend: tf.KernelBackend, tfjsName: string): void {
  held.delete(backend);
  if (!isRunning(tfjsName) || tf.findBackend(tfjsName) !== backend) return;
  const wasCurrent = tf.getBackend() === tfjsName;
  stop(tfjsName);
  const next = [...held].findLast(
    ([other, holding]) => isRunning(holding.tfjsName) && tf.findBackend(holding.tfjsName) === other,
  );
  // For a backend that runs, tfjs does this before it returns.
  if (wasCurrent && next) void tf.setBackend(next[1].tfjsName);
}
