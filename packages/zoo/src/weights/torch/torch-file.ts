import type { TorchStorage } from './torch-tensor.js';

/** A file of PyTorch's, of either format, with its object unpickled but its tensors' values not yet read. */
export interface TorchFile {
  /** The saved object, with a `TorchTensor` for each tensor. */
  value: unknown;
  /** Its bytes, unpacked. */
  byteLength: number;
  /** The bytes of these storages, each of the length that the storage has. */
  read(storages: Set<TorchStorage>): Map<TorchStorage, Uint8Array>;
}
