import type { StateDict } from '@resnet/blocks';
import { invalidTorch } from './torch-error.js';
import { endOfLegacyMagic, openTorchLegacy } from './torch-legacy.js';
import { findStateDict } from './torch-state-dict.js';
import { isZip, openTorchZip } from './torch-zip.js';

export interface TorchOptions {
  /** Of a checkpoint with several dicts of tensors, the one to read: 'model_ema'; '.' is the outermost. */
  key?: string;
}

/** A state dict, and what else the file holds. */
export interface TorchCheckpoint {
  tensors: StateDict;
  /** The key in the checkpoint that the tensors lie under; undefined if they are all of it. */
  key?: string;
  /** Names of what lies beside the tensors. */
  leftOut: string[];
  /** The texts among that. */
  metadata: Record<string, string>;
}

/**
 * Reads a state dict that `torch.save` wrote, in the zip format of PyTorch 1.6 and later or in the legacy
 * format, with any of the pickle protocols 2 to 5. The state dict may be the whole file, or be the one dict of
 * tensors in a checkpoint, under whatever key.
 *
 * Nothing in the file is run: a pickle is data here, the few Python globals that tensors need are recognized by
 * their names, and those that checkpoints keep beside them (what `torch.load(weights_only=True)` takes) stand for
 * nothing.
 *
 * @returns tensors as float32, contiguous whatever their strides were, copied out of `bytes`
 * @throws WEIGHTS_FORBIDDEN if the pickle names any other global
 * @throws WEIGHTS_INVALID if the file is damaged, is big-endian, has no state dict or several, or one with a dtype
 *   other than float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and bool
 * @throws UNKNOWN_NAME if nothing is under the key
 */
export function readTorch(bytes: Uint8Array, options: TorchOptions = {}): StateDict {
  return readTorchCheckpoint(bytes, options).tensors;
}

/** As `readTorch`, with what lies around the state dict. */
export function readTorchCheckpoint(bytes: Uint8Array, { key }: TorchOptions = {}): TorchCheckpoint {
  const file = openTorch(bytes);
  const { tensors, texts, ...found } = findStateDict(file.value, key);

  // Views may share a storage or repeat it (stride 0), so that a small file could stand for any amount of memory.
  const values = tensors.reduce((sum, [, tensor]) => sum + tensor.values, 0);
  if (values > 2 * file.byteLength) {
    throw invalidTorch(
      `a file of ${file.byteLength} bytes can't stand for tensors of ${values} values; save them after .contiguous()`,
    );
  }
  const storages = file.read(new Set(tensors.map(([, tensor]) => tensor.storage)));
  const read = tensors.map(([name, tensor]) => [name, tensor.read(storages.get(tensor.storage)!)] as const);
  return { tensors: new Map(read), ...found, metadata: texts };
}

/** Whether the bytes begin as a file of PyTorch's, or at least as a zip archive. */
export function isTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || endOfLegacyMagic(bytes) !== undefined;
}

function openTorch(bytes: Uint8Array) {
  if (isZip(bytes)) return openTorchZip(bytes);
  const position = endOfLegacyMagic(bytes);
  if (position !== undefined) return openTorchLegacy(bytes, position);
  throw invalidTorch('it begins neither as a zip archive nor with the magic number of the legacy format');
}
