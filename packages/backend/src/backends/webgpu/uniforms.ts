/// <reference types="@webgpu/types" />

import type { Uniform } from './tfjs-backend.js';

/** Of uniforms with so many numbers, what their offset in bytes is a multiple of: WGSL's for scalars and vectors, then tfjs's vec5 and vec6. */
const ALIGNMENTS = [0, 4, 8, 16, 16, 16, 16];

/** The bytes of a struct of uniforms, as tfjs declares them in WGSL. */
export function bytesOf(uniforms: readonly Uniform[]): ArrayBuffer {
  let end = 0;
  let alignment = 4;
  let isAfterStruct = false;
  const offsets = uniforms.map(({ data }) => {
    const count = Math.max(1, data.length);
    const own = isAfterStruct ? 16 : ALIGNMENTS[count]!;
    alignment = Math.max(alignment, own);
    isAfterStruct = count > 4;
    const offset = aligned(end, own);
    end = offset + 4 * count;
    return offset;
  });
  const bytes = new ArrayBuffer(aligned(end, alignment));
  const view = new DataView(bytes);
  uniforms.forEach(({ type, data }, index) => {
    // The strides of a vector are none, for which tfjs declares a number all the same.
    (data.length > 0 ? data : [1]).forEach((value, element) => {
      const at = offsets[index]! + 4 * element;
      if (type === 'float32') view.setFloat32(at, value, true);
      else if (type === 'uint32') view.setUint32(at, value, true);
      else view.setInt32(at, value, true);
    });
  });
  return bytes;
}

export const aligned = (bytes: number, alignment: number): number => alignment * Math.ceil(bytes / alignment);

/** Where the uniforms of a dispatch are. */
export interface UniformRange {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

/** A buffer of uniforms that are written once and stay; what was added since comes to the GPU in one write. */
export class UniformBuffer {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #alignment: number;
  readonly buffer: GPUBuffer;
  #end = 0;
  #written = 0;

  constructor(device: GPUDevice, size: number) {
    this.#bytes = new Uint8Array(size);
    this.#alignment = device.limits.minUniformBufferOffsetAlignment;
    this.buffer = device.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  }

  /** Undefined where there is no room. */
  add(bytes: ArrayBuffer): UniformRange | undefined {
    const offset = aligned(this.#end, this.#alignment);
    if (offset + bytes.byteLength > this.#bytes.length) return undefined;
    this.#bytes.set(new Uint8Array(bytes), offset);
    this.#end = offset + bytes.byteLength;
    return { buffer: this.buffer, offset, size: bytes.byteLength };
  }

  /** Has to be called before work that reads them is submitted. */
  write(queue: GPUQueue): void {
    if (this.#end === this.#written) return;
    queue.writeBuffer(this.buffer, this.#written, this.#bytes, this.#written, this.#end - this.#written);
    this.#written = this.#end;
  }
}
