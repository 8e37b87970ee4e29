import { ResnetError } from '@resnet/core';
import type { Collector } from './collector.js';

/**
 * Collects a file in memory, all of which is allocated with the first write; this throws OUT_OF_MEMORY if there is not enough.
 */
export class MemoryCollector implements Collector {
  readonly receivedBytes = 0;
  private buffer: Uint8Array | undefined;
  private end = 0;

  /** @param capacity the most bytes that can come */
  constructor(private readonly capacity: number) {}

  async write(chunk: Uint8Array, position: number): Promise<void> {
    this.buffer ??= allocate(this.capacity);
    this.buffer.set(chunk, position);
    this.end = Math.max(this.end, position + chunk.length);
  }

  async bytes(): Promise<Uint8Array> {
    return this.buffer?.subarray(0, this.end) ?? new Uint8Array();
  }

  async clear(): Promise<void> {
    this.buffer = undefined;
    this.end = 0;
  }

  async close(): Promise<void> {}
}

function allocate(bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new ResnetError('OUT_OF_MEMORY', `No memory for a file of ${bytes} bytes.`, { cause });
  }
}
