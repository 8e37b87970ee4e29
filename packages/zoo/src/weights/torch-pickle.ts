import { type PickleRules, quote } from '@resnet/files';
import type { Dtype } from './dtype.js';
import { isCount } from './shape.js';
import { forbiddenTorch, invalidTorch, unneededTorch } from './torch-error.js';
import { TorchStorage, TorchTensor } from './torch-tensor.js';

const dtypeOfStorage = new Map<string, Dtype>([
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
]);

/**
 * What a pickled state dict may hold: its globals and persistent ids. Tensors come out as `TorchTensor`, which says where
 * their values are, so that nothing is copied for what is not wanted, such as an optimizer's state.
 */
export class TorchRules implements PickleRules {
  // Attributes, such as a state dict's _metadata, are not needed.
  readonly states = 'dropped';
  readonly byteStrings = 'text';
  readonly invalid = invalidTorch;
  readonly forbidden = forbiddenTorch;
  readonly unneeded = unneededTorch;

  /** Every storage that the pickles have named, by its key. */
  readonly storages = new Map<string, TorchStorage>();
  readonly #storageTypes = new Map<unknown, Dtype>();
  readonly #globals = new Map<string, (...args: unknown[]) => unknown>([
    ['collections.OrderedDict', orderedDict],
    ['torch._utils._rebuild_tensor', rebuildTensor],
    ['torch._utils._rebuild_tensor_v2', rebuildTensor],
    ['torch._utils._rebuild_parameter', rebuildParameter],
  ]);

  constructor() {
    for (const [name, dtype] of dtypeOfStorage) {
      const type = () => {
        throw invalidTorch(`its pickle calls torch.${name}`);
      };
      this.#storageTypes.set(type, dtype);
      this.#globals.set(`torch.${name}`, type);
    }
  }

  global(module: string, name: string): (...args: unknown[]) => unknown {
    const found = this.#globals.get(`${module}.${name}`);
    if (found !== undefined) return found;
    if (module === 'torch' && name.endsWith('Storage')) {
      throw invalidTorch(
        `its pickle has tensors in a ${quote(name)}; read are ${[...dtypeOfStorage.keys()].join(', ')}. Convert them with .float() first`,
      );
    }
    throw forbiddenTorch(quote(`${module}.${name}`));
  }

  /** ('storage', type, key, device, number of values), and in the legacy format a view or None. */
  persistent(id: unknown): TorchStorage {
    if (!Array.isArray(id) || id.length < 5 || id.length > 6 || id[0] !== 'storage') {
      throw invalidTorch('its pickle has a persistent id that is no storage');
    }
    const [, type, key, , values, view] = id as unknown[];
    const dtype = this.#storageTypes.get(type);
    if (dtype === undefined || typeof key !== 'string' || !isCount(values)) {
      throw invalidTorch('its pickle has a storage without a type, a key and a number of values');
    }
    if (view !== undefined && view !== null) {
      throw invalidTorch('its pickle has a storage that is a view of another storage');
    }
    const known = this.storages.get(key);
    if (known === undefined) {
      const storage = new TorchStorage(key, dtype, values);
      this.storages.set(key, storage);
      return storage;
    }
    if (known.dtype !== dtype || known.values !== values) {
      throw invalidTorch(`its pickle describes the storage ${quote(key)} in two ways`);
    }
    return known;
  }
}

function orderedDict(...args: unknown[]): Map<unknown, unknown> {
  if (args.length > 0) throw invalidTorch('its pickle calls OrderedDict with arguments');
  return new Map();
}

/** (storage, offset, shape, strides), and in the second version whether it needs a gradient, hooks and metadata. */
function rebuildTensor(...args: unknown[]): TorchTensor {
  const [storage, offset, shape, strides, , , metadata] = args;
  if (args.length < 4 || args.length > 7 || !(storage instanceof TorchStorage)) {
    throw invalidTorch('its pickle calls _rebuild_tensor with the wrong arguments');
  }
  if (typeof offset !== 'number' || !Array.isArray(shape) || !Array.isArray(strides)) {
    throw invalidTorch('its pickle calls _rebuild_tensor with the wrong arguments');
  }
  // Metadata marks tensors whose values are to be negated or conjugated when they are read.
  if (metadata instanceof Map && metadata.size > 0) {
    throw invalidTorch('its pickle has a lazily negated tensor; call .resolve_neg()');
  }
  return new TorchTensor(storage, offset, [...shape], [...strides]);
}

function rebuildParameter(...args: unknown[]): TorchTensor {
  const [tensor] = args;
  if (args.length !== 3 || !(tensor instanceof TorchTensor)) {
    throw invalidTorch('its pickle calls _rebuild_parameter with the wrong arguments');
  }
  return tensor;
}
