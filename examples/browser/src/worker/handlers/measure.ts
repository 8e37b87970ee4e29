import { nextTask, throwIfAborted } from '@resnet/core';
import type { Image } from '@resnet/data';
import type { Context } from '../handler.js';
import { infer } from '../infer.js';
import { currentClassifier } from '../session.js';

/** Slow backends take their time for fewer. */
const MOST_RUNS = 9;
const MOST_MILLISECONDS = 1000;

/** How long the network takes for one image: the median of a few runs after the first. */
export async function measure(
  { image }: { image: Image },
  { signal }: Context,
): Promise<{ milliseconds: number; runs: number }> {
  const { classifier, normalization } = currentClassifier();
  const times: number[] = [];
  const end = performance.now() + MOST_MILLISECONDS;
  while (times.length === 0 || (times.length < MOST_RUNS && performance.now() < end)) {
    await nextTask();
    throwIfAborted(signal, 'Measuring');
    times.push((await infer(classifier, image, normalization)).milliseconds);
  }
  times.sort((a, b) => a - b);
  return { milliseconds: times[Math.floor(times.length / 2)]!, runs: times.length };
}
