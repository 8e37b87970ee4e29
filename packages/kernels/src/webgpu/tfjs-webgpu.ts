import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';

/** A value after the shapes, in the order of the shader's declaration. */
export interface Uniform {
  type: 'float32' | 'uint32';
  data: number[];
}

/** tfjs's record of a tensor. */
export interface TensorData {
  /** The buffer; none where the values have not come to the GPU yet. */
  resource?: object | null;
  /** Whether the buffer belongs to other code. */
  external?: boolean;
}

/** The part of tfjs's WebGPU backend that is used here, some of which it declares as private. */
export interface TfjsWebgpuBackend {
  device: {
    limits: { maxComputeWorkgroupsPerDimension: number; maxStorageBuffersPerShaderStage: number };
    createShaderModule(descriptor: { code: string; label: string }): object;
    createComputePipeline(descriptor: {
      compute: { module: object; entryPoint: string };
      label: string;
      layout: 'auto';
    }): object;
  };
  tensorMap: { get(dataId: DataId): TensorData };
  makeTensorInfo(shape: number[], dtype: 'float32' | 'int32', values?: Float32Array | Int32Array): TensorInfo;
  /** Gives the tensor a buffer, with its values if it has any. */
  uploadToGPU(dataId: DataId): void;
  /**
   * Records a dispatch after the earlier ones, and keeps the buffers until it is done. The bindings are the
   * output, the inputs, and the uniforms: NaN, infinity, shape and strides of the inputs and of the output, and those given.
   */
  recordAndSubmit(
    program: { pipeline: object; shaderKey: string; dispatch: [number, number, number] },
    output: TensorInfo,
    inputs: TensorInfo[],
    uniforms: Uniform[],
  ): void;
  incRef(dataId: DataId): void;
  refCount(dataId: DataId): number;
  disposeData(dataId: DataId): boolean;
}
