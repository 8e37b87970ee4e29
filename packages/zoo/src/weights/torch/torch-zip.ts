import { ResnetError } from '@resnet/core';
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
  const entries = checkedEntries(bytes);
  const names = [...entries.keys()];
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  // torch.jit.save writes code, and a pickle of constants of its own.
  if (names.some((name) => /^[^/]+\/(code\/|constants\.pkl$)/.test(name))) {
    throw invalidTorch(
      'it is TorchScript, a program with its weights. In Python, save the weights alone: torch.save(torch.jit.load(path).state_dict(), "weights.pt")',
    );
  }
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
    byteLength: [...entries.values()].reduce((sum, size) => sum + size, 0),
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
 * How many times larger than the archive its entries may be together: ten times what weights are, and far less than what a few
 * bytes can be made to stand for.
 */
const maximumRatio = 32;

/**
 * The entries of a zip archive: their names, and their sizes once unpacked. fflate believes what the archive says of itself, so
 * they are checked here, in the filter, which runs before anything is inflated or copied. PyTorch compresses nothing, but reads
 * what others have compressed. A lying count of entries ends at the second name that is read past the end, which is empty.
 */
function checkedEntries(bytes: Uint8Array): Map<string, number> {
  const entries = new Map<string, number>();
  let [stored, unpacked] = [0, 0];
  unzip(bytes, ({ name, size, originalSize, compression }) => {
    stored += size;
    unpacked += originalSize;
    const isStored = compression === 0 && size === originalSize;
    if (!isStored && compression !== 8) {
      throw invalidTorch(`its zip archive is compressed in a way that is not read (method ${compression})`);
    }
    if (stored > bytes.length) {
      throw invalidTorch('the entries of its zip archive are larger than the archive');
    }
    if (unpacked > maximumRatio * bytes.length) {
      throw invalidTorch(
        `its zip archive unpacks to more than ${maximumRatio} times its size; store it instead`,
      );
    }
    if (entries.has(name)) throw invalidTorch(`its zip archive has two entries named ${quote(name)}`);
    entries.set(name, originalSize);
    return false;
  });
  return entries;
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
