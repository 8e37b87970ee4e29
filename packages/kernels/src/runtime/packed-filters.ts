import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import type { Runtime } from './runtime.js';

/**
 * Filters in the layouts that kernels read, kept for as long as the filter's data. tfjs never changes data. The one kernel
 * that writes in place calls `forget`, and so does the code that is told when a filter's data is gone.
 */
export class PackedFilters {
  private readonly byFilter = new Map<DataId, Map<string, { address: number; bytes: number }>>();
  bytes = 0;

  constructor(private readonly runtime: Pick<Runtime, 'allocate' | 'free'>) {}

  /** The filter in a layout; `fill` writes it the first time. */
  get(filter: TensorInfo, layout: string, bytes: number, fill: (address: number) => void): number {
    let layouts = this.byFilter.get(filter.dataId);
    // The same data can be a filter of several shapes, after tf.reshape.
    const key = `${layout} [${filter.shape}]`;
    const present = layouts?.get(key);
    if (present) return present.address;
    const address = this.runtime.allocate(bytes);
    try {
      fill(address);
    } catch (error) {
      this.runtime.free(address);
      throw error;
    }
    if (!layouts) {
      layouts = new Map();
      this.byFilter.set(filter.dataId, layouts);
    }
    layouts.set(key, { address, bytes });
    this.bytes += bytes;
    return address;
  }

  /** Frees the packed copies of a filter, because it has changed or is gone. */
  forget(dataId: DataId): void {
    const layouts = this.byFilter.get(dataId);
    if (!layouts) return;
    for (const { address, bytes } of layouts.values()) {
      this.runtime.free(address);
      this.bytes -= bytes;
    }
    this.byFilter.delete(dataId);
  }

  dispose(): void {
    for (const dataId of [...this.byFilter.keys()]) this.forget(dataId);
  }
}
