/// <reference types="@webgpu/types" />

import type { ResnetError } from '@resnet/core';
import type { DataId, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { backendLost } from '../lost.js';
import type { FoundGpu } from '../no-gpu.js';
import { BufferPool } from './buffer-pool.js';
import { checkSize, outOfMemory } from './memory-errors.js';
import { Recorder } from './recorder.js';
import type { Program, TfjsBackendClass, Uniform } from './tfjs-backend.js';

/** tfjs's backend, and its GPU. */
export interface WatchedBackend extends KernelBackend {
  readonly gpu: FoundGpu;
  /** Why it computes no more. */
  readonly loss: ResnetError | undefined;
}

export function gpuOf({ description, vendor, architecture, isFallbackAdapter }: GPUAdapterInfo): FoundGpu {
  return { name: description || `${vendor} ${architecture}`, isSoftware: isFallbackAdapter };
}

/** tfjs's backend on a device, which it owns: one that knows when this is lost, and records by less work. */
export function createBackend(
  { WebGPUBackend }: { WebGPUBackend: unknown },
  device: GPUDevice,
  info: GPUAdapterInfo,
): WatchedBackend {
  let loss: ResnetError | undefined;
  const fail = (reason: string, isMemory: boolean) => {
    loss ??= isMemory ? outOfMemory(backend.pool) : backendLost('webgpu', reason);
  };
  void device.lost.then(({ reason, message }) => {
    fail(message || reason, /out.of.(device.)?memory/i.test(message));
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    fail(error.message, error instanceof GPUOutOfMemoryError);
  });
  // After a loss or an error a device computes nothing, and reports nothing.
  const throwIfLost = () => {
    if (loss) throw loss;
  };

  class Watched extends (WebGPUBackend as TfjsBackendClass) implements WatchedBackend {
    readonly gpu = gpuOf(info);
    readonly pool: BufferPool;
    readonly #recorder: Recorder;

    constructor() {
      super(device, info);
      this.pool = new BufferPool(device, (buffers) => this.#destroy(buffers));
      this.#recorder = new Recorder(this, this.pool);
      this.bufferManager = this.pool;
    }

    get loss() {
      return loss;
    }

    /** Every program calls it first, tfjs's and those of @resnet/kernels. */
    override uploadToGPU(dataId: DataId) {
      throwIfLost();
      checkSize(this.tensorMap.get(dataId), device.limits);
      super.uploadToGPU(dataId);
    }

    override recordAndSubmit(
      program: Program,
      output: TensorInfo,
      inputs: TensorInfo[],
      uniforms: Uniform[] = [],
    ) {
      const isTimed = this.activeTimers != null;
      if (isTimed || program.pixelsOpType != null) super.recordAndSubmit(program, output, inputs, uniforms);
      else this.#recorder.record(program, output, inputs, uniforms);
    }

    override submitQueue() {
      this.#recorder.writeUniforms();
      super.submitQueue();
      this.#recorder.afterSubmit();
    }

    /** At once, as their memory is needed: after a submit of what is recorded, which may use them. */
    #destroy(buffers: GPUBuffer[]) {
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.submitQueue();
      for (const buffer of buffers) buffer.destroy();
      // tfjs's measuring of times asks for buffers while it records.
      this.ensureCommandEncoderReady();
    }

    override async read(dataId: DataId) {
      throwIfLost();
      const values = await super.read(dataId).catch(async (error) => {
        // A read may fail a moment before the loss is reported.
        await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
        throw loss ?? error;
      });
      throwIfLost();
      return values;
    }

    override dispose() {
      super.dispose();
      this.#recorder.dispose();
      device.destroy();
    }
  }
  const backend = new Watched();
  return backend;
}
