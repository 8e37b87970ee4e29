import type { DataId, DataType, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';

/** The part of tfjs's WASM backend that is used here, most of which it does not declare. */
export interface TfjsWasmBackend {
  wasm: {
    HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
    /** The single-threaded build exports its memory, the threaded one imports it. */
    asm?: { memory?: WebAssembly.Memory };
    wasmMemory?: WebAssembly.Memory;
  };
  dataIdMap: { get(dataId: DataId): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: DataType, memoryOffset?: number, values?: TypedArray): TensorInfo;
  /** A view of a tensor's values; valid until something is allocated. */
  typedArrayFromHeap(tensor: TensorInfo): TypedArray;
  incRef(dataId: DataId): void;
  refCount(dataId: DataId): number;
  disposeData(dataId: DataId, force?: boolean): boolean;
  dispose(): void;
}

/** The memory of tfjs's tensors. */
export function memoryOf(backend: TfjsWasmBackend): WebAssembly.Memory | undefined {
  return backend.wasm.wasmMemory ?? backend.wasm.asm?.memory;
}
