import type { StateDict } from '@resnet/blocks';
import { quote } from '@resnet/files';
import { invalidTorch } from './torch-error.js';
import { endOfLegacyMagic, openTorchLegacy } from './torch-legacy.js';
import { TorchTensor } from './torch-tensor.js';
import { isZip, openTorchZip } from './torch-zip.js';

/**
 * Reads a state dict that `torch.save` wrote, in the zip format of PyTorch 1.6 and later or in the legacy
 * format, with any of the pickle protocols 2 to 5. The state dict may be the whole file, or lie under
 * 'state_dict' or 'model' in a checkpoint, of which nothing else is kept.
 *
 * Nothing in the file is run: a pickle is data here, and the few Python globals that tensors need are
 * recognised by their names.
 *
 * @returns tensors as float32, contiguous whatever their strides were, copied out of `bytes`
 * @throws WEIGHTS_FORBIDDEN if the pickle names any other global or makes objects
 * @throws WEIGHTS_INVALID if the file is damaged, is big-endian, or has no state dict or a dtype other than
 *   float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and bool
 */
export function readTorch(bytes: Uint8Array): StateDict {
  const file = openTorch(bytes);
  const tensors = tensorsIn(file.value);

  // Views may share a storage or repeat it (stride 0), so that a small file could stand for any amount of memory.
  const values = tensors.reduce((sum, [, tensor]) => sum + tensor.values, 0);
  if (values > 2 * bytes.length) {
    throw invalidTorch(
      `a file of ${bytes.length} bytes can't stand for tensors of ${values} values; save them after .contiguous()`,
    );
  }
  const storages = file.read(new Set(tensors.map(([, tensor]) => tensor.storage)));
  return new Map(tensors.map(([name, tensor]) => [name, tensor.read(storages.get(tensor.storage)!)]));
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

function tensorsIn(value: unknown): [string, TorchTensor][] {
  if (!(value instanceof Map)) throw invalidTorch('what was saved is no dict; save model.state_dict()');
  const nested: unknown = [value.get('state_dict'), value.get('model')].find((entry) => entry instanceof Map);
  return [...((nested ?? value) as Map<unknown, unknown>)].map(([name, tensor]) => {
    if (typeof name !== 'string') throw invalidTorch('its state dict has a name that is no string');
    if (!(tensor instanceof TorchTensor)) {
      throw invalidTorch(
        `expected ${quote(name)} to be a tensor; save model.state_dict(), alone or as 'state_dict'`,
      );
    }
    return [name, tensor];
  });
}
