/// <reference types="@webgpu/types" />

import type { BufferManager } from './tfjs-backend.js';

/** Free buffers are destroyed where all would together be larger than this many times the most that was in use at once. */
const MOST_ALLOCATED = 1.5;
/** Bytes up to which none are destroyed. */
const ALWAYS_KEPT = 2 ** 28;

interface Free {
  id: number;
  buffer: GPUBuffer;
  /** When it was given back, counted in buffers given back. */
  since: number;
}

/**
 * Keeps buffers that are no longer used, for others of the same size and usage. tfjs's own keeps all of them, whatever their sum.
 *
 * Of several it always gives the oldest buffer, so that a training step gets the same buffers as the step before it.
 */
export class BufferPool implements BufferManager {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  /** The size of the buffer that was created last. */
  lastSize = 0;
  readonly #device: GPUDevice;
  readonly #destroy: (buffers: GPUBuffer[]) => void;
  readonly #used = new Set<GPUBuffer>();
  /** By size and usage, the oldest last. */
  readonly #free = new Map<string, Free[]>();
  readonly #ids = new WeakMap<GPUBuffer, number>();
  #ever = 0;
  #returned = 0;
  #mostUsed = 0;

  /** @param destroy destroys buffers at once; recorded work that is not submitted may use them */
  constructor(device: GPUDevice, destroy: (buffers: GPUBuffer[]) => void) {
    this.#device = device;
    this.#destroy = destroy;
  }

  /** A number of the buffer that no other buffer has. */
  idOf(buffer: GPUBuffer): number {
    const known = this.#ids.get(buffer);
    if (known !== undefined) return known;
    this.#ids.set(buffer, this.#ever);
    return this.#ever++;
  }

  /** @param reuse whether one that was used before will do; this is not mapped then */
  acquireBuffer(size: number, usage: GPUBufferUsageFlags, mappedAtCreation = false, reuse = true): GPUBuffer {
    const buffer = (reuse && this.#takeFree(size, usage)) || this.#create(size, usage, mappedAtCreation);
    this.#used.add(buffer);
    this.numBytesUsed += size;
    this.#mostUsed = Math.max(this.#mostUsed, this.numBytesUsed);
    return buffer;
  }

  /** @param reuse whether it may be used again; otherwise it is destroyed now */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    // After `dispose`.
    if (!this.#used.delete(buffer)) return;
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      buffer.destroy();
      this.numBytesAllocated -= buffer.size;
      return;
    }
    const key = keyOf(buffer.size, buffer.usage);
    const free = this.#free.get(key) ?? [];
    this.#free.set(key, free);
    const id = this.idOf(buffer);
    free.splice(indexIn(id, free), 0, { id, buffer, since: this.#returned++ });
  }

  dispose(): void {
    for (const buffer of this.#used) buffer.destroy();
    for (const free of this.#free.values()) for (const { buffer } of free) buffer.destroy();
    this.#used.clear();
    this.#free.clear();
    this.numBytesUsed = this.numBytesAllocated = 0;
  }

  #takeFree(size: number, usage: GPUBufferUsageFlags): GPUBuffer | undefined {
    return this.#free.get(keyOf(size, usage))?.pop()?.buffer;
  }

  #create(size: number, usage: GPUBufferUsageFlags, mappedAtCreation: boolean): GPUBuffer {
    const limit = Math.max(ALWAYS_KEPT, MOST_ALLOCATED * Math.max(this.#mostUsed, this.numBytesUsed + size));
    if (this.numBytesAllocated + size > limit) this.#shrink(limit - size);
    this.lastSize = size;
    const buffer = this.#device.createBuffer({ size, usage, mappedAtCreation });
    this.numBytesAllocated += size;
    this.idOf(buffer);
    return buffer;
  }

  /** Destroys those free buffers that have waited longest, until no more than so many bytes are allocated. */
  #shrink(bytes: number): void {
    const waiting = [...this.#free.values()].flat().sort((a, b) => a.since - b.since);
    const gone = new Set<GPUBuffer>();
    for (const { buffer } of waiting) {
      if (this.numBytesAllocated <= bytes) break;
      gone.add(buffer);
      this.numBytesAllocated -= buffer.size;
    }
    for (const [key, free] of this.#free) {
      const left = free.filter(({ buffer }) => !gone.has(buffer));
      if (left.length > 0) this.#free.set(key, left);
      else this.#free.delete(key);
    }
    this.#destroy([...gone]);
  }
}

const keyOf = (size: number, usage: GPUBufferUsageFlags) => `${size} ${usage}`;

/** The index at which a buffer belongs among free ones, of which the oldest are last. */
function indexIn(id: number, free: readonly Free[]): number {
  let [first, end] = [0, free.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    if (free[middle]!.id > id) first = middle + 1;
    else end = middle;
  }
  return first;
}
