/// <reference types="@webgpu/types" />

import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bytesOf, UniformBuffer } from './uniforms.js';

// Node has WebGPU's constants only where a GPU is opened.
beforeEach(() => void vi.stubGlobal('GPUBufferUsage', { COPY_DST: 8, UNIFORM: 64 }));
afterEach(() => void vi.unstubAllGlobals());

/** What tfjs itself writes for these uniforms. */
function bytesOfTfjs(uniforms: { type: string; data: number[] }[]): ArrayBuffer {
  let written = new ArrayBuffer(0);
  const backend = {
    bufferManager: { acquireBuffer: () => ({}) },
    queue: {
      writeBuffer: (_buffer: object, _offset: number, bytes: ArrayBuffer) => {
        written = bytes;
      },
    },
    uniformPendingDisposal: [],
  };
  const { makeUniforms } = WebGPUBackend.prototype as unknown as {
    makeUniforms(this: object, uniforms: { type: string; data: number[] }[]): void;
  };
  makeUniforms.call(
    backend,
    uniforms.map(({ type, data }) => ({ type, data: [...data] })),
  );
  return written;
}

it('lays uniforms out as tfjs does', () => {
  const uniform = fc.oneof(
    fc.record({
      type: fc.constantFrom('int32', 'uint32'),
      data: fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 6 }),
    }),
    fc.record({
      type: fc.constant('float32'),
      data: fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 4 }),
    }),
  );
  const property = fc.property(fc.array(uniform, { minLength: 1, maxLength: 12 }), (uniforms) => {
    expect(new Uint8Array(bytesOf(uniforms))).toEqual(new Uint8Array(bytesOfTfjs(uniforms)));
  });
  fc.assert(property, { numRuns: 500, seed: 1 });
});

it('adds at multiples of the alignment until it is full, and writes only what is new', () => {
  const writes: [offset: number, values: number[]][] = [];
  const queue = {
    writeBuffer: (_buffer: object, offset: number, bytes: Uint8Array, from: number, count: number) =>
      writes.push([offset, [...bytes.subarray(from, from + count)]]),
  } as unknown as GPUQueue;
  const device = { limits: { minUniformBufferOffsetAlignment: 8 }, createBuffer: () => ({}) };
  const uniforms = new UniformBuffer(device as unknown as GPUDevice, 16);
  uniforms.write(queue);
  expect(uniforms.add(Uint8Array.of(1, 2, 3, 4).buffer)).toMatchObject({ offset: 0, size: 4 });
  uniforms.write(queue);
  expect(uniforms.add(Uint8Array.of(5, 6, 7, 8).buffer)).toMatchObject({ offset: 8, size: 4 });
  expect(uniforms.add(Uint8Array.of(9, 9, 9, 9).buffer)).toBeUndefined();
  uniforms.write(queue);
  uniforms.write(queue);
  expect(writes).toEqual([
    [0, [1, 2, 3, 4]],
    [4, [0, 0, 0, 0, 5, 6, 7, 8]],
  ]);
});
