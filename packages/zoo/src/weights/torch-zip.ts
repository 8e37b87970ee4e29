import { ResnetError } from '@resnet/backend';
import { PickleStream, quote } from '@resnet/files';
import { type UnzipFileInfo, unzipSync } from 'fflate';
import { invalidTorch } from './torch-error.js';
import type { TorchFile } from './torch-file.js';
import { TorchRules } from './torch-pickle.js';

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * Opens what PyTorch 1.6 and later save: an archive of one folder with `data.pkl`, in newer versions
 * `byteorder`, and `data/KEY` for each storage.
 */
export function openTorchZip(bytes: Uint8Array): TorchFile {
  const names = checkedNames(bytes);
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    const found = names.slice(0, 3).map(quote).join(', ');
    throw invalidTorch(
      `expected a zip archive with one folder with a data.pkl, found the entries ${found} and so on`,
    );
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  const head = extract(bytes, new Set([pickle, `${folder}byteorder`]));
  const byteOrder = head.get(`${folder}byteorder`);
  if (byteOrder !== undefined && new TextDecoder().decode(byteOrder) !== 'little') {
    throw invalidTorch('it is not little-endian; save it again as safetensors');
  }
  return {
    value: new PickleStream(head.get(pickle)!, 0, new TorchRules()).next(),
    read(storages) {
      const name = (key: string) => `${folder}data/${key}`;
      const entries = extract(bytes, new Set([...storages].map(({ key }) => name(key))));
      return new Map(
        [...storages].map((storage) => {
          const entry = entries.get(name(storage.key));
          if (entry?.length !== storage.byteLength) {
            const found = entry === undefined ? 'no such entry' : entry.length;
            throw invalidTorch(
              `expected ${storage.byteLength} bytes in ${quote(name(storage.key))}, found ${found}`,
            );
          }
          return [storage, entry];
        }),
      );
    },
  };
}

/**
 * The names in a zip archive. fflate believes what the archive says of itself, so the entries are checked
 * here, in the filter, which runs before anything is inflated or copied. PyTorch compresses nothing. A lying
 * count of entries ends at the second name that is read past the end, which is empty.
 */
function checkedNames(bytes: Uint8Array): string[] {
  const names = new Set<string>();
  let total = 0;
  unzip(bytes, ({ name, size, originalSize, compression }) => {
    total += size;
    if (compression !== 0 || size !== originalSize) {
      throw invalidTorch('its zip archive is compressed; store it instead');
    }
    if (total > bytes.length) {
      throw invalidTorch('the entries of its zip archive are larger than the archive');
    }
    if (names.has(name)) throw invalidTorch(`its zip archive has two entries named ${quote(name)}`);
    names.add(name);
    return false;
  });
  return [...names];
}

/** Copies of the entries of these names, out of an archive whose entries have been checked. */
function extract(bytes: Uint8Array, names: Set<string>): Map<string, Uint8Array> {
  return new Map(Object.entries(unzip(bytes, ({ name }) => names.has(name))));
}

function unzip(bytes: Uint8Array, filter: (entry: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    throw invalidTorch('its zip archive is damaged or cut off; fetch it again', cause);
  }
}
