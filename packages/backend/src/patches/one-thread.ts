import { patchProperty } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';

export const HAS_THREADS = 'WASM_HAS_MULTITHREAD_SUPPORT';

/** tfjs takes its threaded build wherever it can, also for one thread. */
export async function withOneThread<T>(create: () => Promise<T>): Promise<T> {
  // Evaluated before it is replaced, or tfjs would do so later.
  await tf.env().getAsync(HAS_THREADS);
  const restore = patchProperty(tf.env().getFlags(), HAS_THREADS, () => false);
  try {
    return await create();
  } finally {
    restore();
  }
}
