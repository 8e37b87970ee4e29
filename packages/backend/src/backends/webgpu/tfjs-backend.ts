/// <reference types="@webgpu/types" />

import type { DataId, DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** A compute shader, compiled, as tfjs and @resnet/kernels have it recorded. */
export interface Program {
  pipeline: GPUComputePipeline;
  shaderKey: string;
  /** The workgroups in x, y and z. */
  dispatch: [number, number, number];
  /** Of tfjs's programs: whether the number of output elements is among the uniforms, and by how many they are counted. */
  size?: boolean;
  outputShape?: number[];
  outputComponent?: number;
  /** Of tfjs's programs that read or draw a picture. */
  pixelsOpType?: number;
}

/** A uniform that a program defines, in the order of its shader's declaration. */
export interface Uniform {
  type: string;
  data: number[];
}

/** tfjs's record of a tensor. */
export interface TensorData {
  dtype: DataType;
  shape: number[];
  values?: unknown;
  /** A buffer, or what a picture is read from; none where the values have not come to the GPU yet. */
  resource?: GPUBuffer | GPUTexture | GPUExternalTexture | null;
}

/** Where tfjs gets buffers from, and gives them back. */
export interface BufferManager {
  numBytesUsed: number;
  numBytesAllocated: number;
  acquireBuffer(
    size: number,
    usage: GPUBufferUsageFlags,
    mappedAtCreation?: boolean,
    reuse?: boolean,
  ): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
  dispose(): void;
}

/** The part of tfjs's WebGPU backend that is used here, some of which it declares as private. */
export interface TfjsBackend extends KernelBackend {
  device: GPUDevice;
  queue: GPUQueue;
  bufferManager: BufferManager;
  tensorMap: { get(dataId: DataId): TensorData };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  /** Since the last submit. */
  dispatchCountInPass: number;
  /** Where there is a list, every dispatch is a separate pass, whose times are added to it. */
  activeTimers?: unknown[] | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  /** Gives the tensor a buffer, with its values if it has any. */
  uploadToGPU(dataId: DataId): void;
  read(dataId: DataId): Promise<Float32Array>;
  recordAndSubmit(program: Program, output: TensorInfo, inputs: TensorInfo[], uniforms?: Uniform[]): void;
}

export type TfjsBackendClass = new (device: GPUDevice, info: GPUAdapterInfo) => TfjsBackend;
