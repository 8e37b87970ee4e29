import { PickleStream, quote } from '@resnet/files';
import { invalidTorch } from './torch-error.js';
import type { TorchFile } from './torch-file.js';
import { TorchRules } from './torch-pickle.js';
import type { TorchStorage } from './torch-tensor.js';

/** The pickled magic number 0x1950a86a20f9469cfc6c, from its LONG1 to its STOP. */
const magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const PROTO = 0x80;
const FRAME = 0x95;

/** Where the magic number that begins the legacy format ends; undefined if the file is of another format. */
export function endOfLegacyMagic(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== PROTO) return undefined;
  const begin = bytes[2] === FRAME ? 11 : 2;
  return magic.every((byte, index) => bytes[begin + index] === byte) ? begin + magic.length : undefined;
}

/**
 * Opens what PyTorch saved before 1.6, and later when asked to: pickles that follow each other (the magic
 * number, the protocol, the system, the object, the keys of the storages), then for each key the number of
 * values as int64, and the values.
 *
 * @param position where the magic number ends
 */
export function openTorchLegacy(bytes: Uint8Array, position: number): TorchFile {
  const rules = new TorchRules();
  const stream = new PickleStream(bytes, position, rules);
  if (stream.next() !== 1001) throw invalidTorch('it is not of the legacy protocol 1001');
  const system = stream.next();
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    throw invalidTorch('it is not little-endian; save it again as safetensors');
  }
  const value = stream.next();
  const keys = stream.next();
  if (!Array.isArray(keys)) throw invalidTorch('it has no list of its storages');

  const listed = keys.map((key) => rules.storages.get(key));
  const begin = stream.position;
  return {
    value,
    byteLength: bytes.length,
    read(storages) {
      const found = readStorages(bytes, begin, listed);
      const missing = [...storages].find((storage) => !found.has(storage));
      if (missing) throw invalidTorch(`the values of the storage ${quote(missing.key)} are missing`);
      return found;
    },
  };
}

function readStorages(bytes: Uint8Array, position: number, listed: (TorchStorage | undefined)[]) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<TorchStorage, Uint8Array>();
  let begin = position;
  for (const storage of listed) {
    if (storage === undefined || found.has(storage)) {
      throw invalidTorch('its list of storages does not fit its tensors');
    }
    const end = begin + 8 + storage.byteLength;
    if (end > bytes.length) {
      throw invalidTorch(
        `it is cut off: expected at least ${end} bytes, found ${bytes.length}; fetch it again`,
      );
    }
    const values = view.getBigInt64(begin, true);
    if (values !== BigInt(storage.values)) {
      throw invalidTorch(
        `expected ${storage.values} values in the storage ${quote(storage.key)}, found ${values}`,
      );
    }
    found.set(storage, bytes.subarray(begin + 8, end));
    begin = end;
  }
  return found;
}
