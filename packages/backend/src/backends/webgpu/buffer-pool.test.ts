/// <reference types="@webgpu/types" />

import { expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

const STORAGE = 128;
const MEGABYTE = 2 ** 20;

/** A pool on a device whose buffers are objects, and which of them it has destroyed: itself, and by its caller. */
function makePool() {
  const destroyed: object[] = [];
  const doomed: object[] = [];
  const device = {
    createBuffer: ({ size, usage }: { size: number; usage: number }) => {
      const buffer = { size, usage, destroy: () => destroyed.push(buffer) };
      return buffer;
    },
  };
  const pool = new BufferPool(device as unknown as GPUDevice, (buffers) => doomed.push(...buffers));
  return { pool, destroyed, doomed };
}

it('gives a buffer again for its size and usage, the oldest first', () => {
  const { pool } = makePool();
  const [first, second, third] = [1, 2, 3].map(() => pool.acquireBuffer(16, STORAGE)) as [
    GPUBuffer,
    GPUBuffer,
    GPUBuffer,
  ];
  for (const buffer of [second, third, first]) pool.releaseBuffer(buffer);
  expect(pool.acquireBuffer(16, 64)).not.toBe(first);
  expect(pool.acquireBuffer(32, STORAGE)).not.toBe(first);
  expect(pool.acquireBuffer(16, STORAGE, false, false)).not.toBe(first);
  expect([1, 2, 3].map(() => pool.acquireBuffer(16, STORAGE))).toEqual([first, second, third]);
  expect(pool.acquireBuffer(16, STORAGE)).not.toBe(first);
});

it('counts the bytes in use, and all of them', () => {
  const { pool, destroyed } = makePool();
  const [kept, gone] = [pool.acquireBuffer(16, STORAGE), pool.acquireBuffer(32, STORAGE)];
  pool.releaseBuffer(kept);
  expect(pool).toMatchObject({ numBytesUsed: 32, numBytesAllocated: 48 });
  pool.releaseBuffer(gone, false);
  expect(pool).toMatchObject({ numBytesUsed: 0, numBytesAllocated: 16 });
  expect(destroyed).toEqual([gone]);
  // A second release is ignored.
  pool.releaseBuffer(gone);
  expect(pool).toMatchObject({ numBytesUsed: 0, numBytesAllocated: 16 });
});

it('destroys the buffers that have waited longest where all would be too large', () => {
  const { pool, destroyed, doomed } = makePool();
  const buffers = [1, 2, 3, 4].map(() => pool.acquireBuffer(100 * MEGABYTE, STORAGE));
  for (const index of [2, 0, 1, 3]) pool.releaseBuffer(buffers[index]!);
  // 400 MB were in use, so that 600 MB are allowed.
  pool.acquireBuffer(200 * MEGABYTE, STORAGE);
  expect(doomed).toEqual([]);
  pool.acquireBuffer(150 * MEGABYTE, STORAGE);
  expect(doomed).toEqual([buffers[2], buffers[0]]);
  expect(destroyed).toEqual([]);
  expect(pool.numBytesAllocated).toBe(550 * MEGABYTE);
  expect(pool.acquireBuffer(100 * MEGABYTE, STORAGE)).toBe(buffers[1]);
});

it('destroys all at its end, and takes back what comes later', () => {
  const { pool, destroyed } = makePool();
  const [used, free] = [pool.acquireBuffer(16, STORAGE), pool.acquireBuffer(16, STORAGE)];
  pool.releaseBuffer(free);
  pool.dispose();
  expect(new Set(destroyed)).toEqual(new Set([used, free]));
  pool.releaseBuffer(used);
  expect(pool).toMatchObject({ numBytesUsed: 0, numBytesAllocated: 0 });
});
