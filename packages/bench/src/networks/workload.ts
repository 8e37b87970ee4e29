import * as tf from '@tensorflow/tfjs-core';

export type Mode = 'train' | 'infer';

/** A network to run, with images that every library makes alike. */
export interface Task {
  network: string;
  batchSize: number;
  mode: Mode;
}

/** One way to do a task, ready to be timed. */
export interface Workload {
  /** A forward pass, which gives the logits, or a training step, which gives the loss. */
  run(): Float32Array | Promise<Float32Array>;
  /** The most bytes of tensors that are alive at once during one run, where the library can tell. */
  peakBytes?(): Promise<number>;
  /** Bytes of the WASM heap, which never shrinks. */
  heapBytes(): number;
}

/** A workload on tfjs's current backend, which is WASM. */
export function tfjsWorkload(run: () => Float32Array): Workload {
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return {
    run,
    peakBytes: async () => (await tf.profile(() => void run())).peakBytes,
    heapBytes: () => wasm.HEAPU8.byteLength,
  };
}
