import { type PickleRules, quote } from '@resnet/files';
import { isCount } from '../shape.js';
import { forbiddenTorch, invalidTorch, unneededTorch } from './torch-error.js';
import { isInert, TorchPlaceholder } from './torch-placeholder.js';
import { type StorageType, TorchStorage, TorchTensor, typeOfStorage } from './torch-tensor.js';

type Callable = (...args: unknown[]) => unknown;

/** Functions that make tensors of kinds that no state dict of a network of this project has. */
const unreadTensors: Record<string, string> = {
  'torch._utils._rebuild_qtensor': 'it is quantized; call .dequantize() first',
  'torch._utils._rebuild_sparse_tensor': 'it is sparse; call .to_dense() first',
  'torch._utils._rebuild_meta_tensor_no_storage': "it is on the device 'meta' and has a shape but no values",
  'torch._utils._rebuild_wrapper_subclass': 'it is of a class of its own; convert it to a plain tensor first',
  'torch._utils._rebuild_device_tensor_from_cpu_tensor': 'it is of a special device; call .cpu() first',
  'torch._utils._rebuild_device_tensor_from_numpy': 'it is of a special device; call .cpu() first',
  'torch._tensor._rebuild_from_type_v2': 'it is of a class of its own; convert it to a plain tensor first',
};

const maximumEntries = 1_000_000;

/** Of a tensor, as PyTorch has it. */
const MOST_AXES = 64;

/**
 * What a pickled checkpoint may hold: its globals and persistent ids. Tensors come out as `TorchTensor`, which says where
 * their values are, so that nothing is copied for what is not wanted, such as an optimizer's state; what no state dict needs
 * comes out as `TorchPlaceholder`.
 */
export class TorchRules implements PickleRules {
  // Attributes, such as a state dict's _metadata, are not needed.
  readonly states = 'dropped';
  readonly oldStrings = 'text';
  readonly objects = 'called';
  readonly invalid = invalidTorch;
  readonly forbidden = forbiddenTorch;
  readonly unneeded = unneededTorch;

  /** Every storage that the pickles have named, by its key. */
  readonly storages = new Map<string, TorchStorage>();
  readonly #storageTypes = new Map<unknown, StorageType>();
  /** The names of what stands for types, for messages. */
  readonly #names = new Map<unknown, string>();
  #entries = 0;
  readonly #globals = new Map<string, Callable>([
    ['collections.OrderedDict', (...args) => this.#orderedDict(...args)],
    ['torch._utils._rebuild_tensor', rebuildTensor],
    ['torch._utils._rebuild_tensor_v2', rebuildTensor],
    ['torch._utils._rebuild_tensor_v3', (...args) => this.#unreadDtype(args[6])],
    ['torch._utils._rebuild_parameter', rebuildParameter],
    ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
    ...Object.entries(unreadTensors).map(([name, reason]): [string, Callable] => [
      name,
      () => new TorchPlaceholder(name, reason),
    ]),
  ]);

  global(module: string, name: string): Callable {
    const full = `${module}.${name}`;
    const known = this.#globals.get(full);
    if (known !== undefined) return known;
    const made = this.#storageType(full) ?? (isInert(full) ? () => new TorchPlaceholder(full) : undefined);
    if (made === undefined) throw forbiddenTorch(quote(full));
    this.#globals.set(full, made);
    this.#names.set(made, full);
    return made;
  }

  #storageType(full: string): Callable | undefined {
    const name = /^torch\.(?:cuda\.|storage\.)?([A-Z]\w*Storage)$/.exec(full)?.[1];
    if (name === undefined) return undefined;
    const type = () => {
      throw invalidTorch(`its pickle calls torch.${name}`);
    };
    this.#storageTypes.set(type, typeOfStorage(name));
    return type;
  }

  /** Python 2 saves its entries as arguments, Python 3 puts them in afterwards. */
  #orderedDict(...args: unknown[]): Map<unknown, unknown> {
    const [entries = [], ...more] = args;
    const isPair = (entry: unknown): entry is [unknown, unknown] =>
      Array.isArray(entry) && entry.length === 2;
    if (more.length > 0 || !Array.isArray(entries) || !entries.every(isPair)) {
      throw invalidTorch('its pickle calls OrderedDict with arguments that are no entries');
    }
    // One list could be given to any number of calls.
    this.#entries += entries.length;
    if (this.#entries > maximumEntries)
      throw unneededTorch(`more than ${maximumEntries} entries in arguments`);
    return new Map(entries);
  }

  #unreadDtype(type: unknown): TorchPlaceholder {
    const dtype = this.#names.get(type) ?? 'an unknown dtype';
    return new TorchPlaceholder('a tensor', `it is of ${quote(dtype)}; convert it with .float() first`);
  }

  /** ('storage', type, key, device, number of values), and in the legacy format a view or None. */
  persistent(id: unknown): TorchStorage {
    if (!Array.isArray(id) || id.length < 5 || id.length > 6 || id[0] !== 'storage') {
      throw invalidTorch('its pickle has a persistent id that is no storage');
    }
    const [, type, key, , values, view] = id as unknown[];
    const storageType = this.#storageTypes.get(type);
    if (storageType === undefined || typeof key !== 'string' || !isCount(values)) {
      throw invalidTorch('its pickle has a storage without a type, a key and a number of values');
    }
    if (view !== undefined && view !== null) {
      throw invalidTorch('its pickle has a storage that is a view of another storage');
    }
    const known = this.storages.get(key);
    if (known === undefined) {
      const storage = new TorchStorage(key, storageType, values);
      this.storages.set(key, storage);
      return storage;
    }
    if (known.type.name !== storageType.name || known.values !== values) {
      throw invalidTorch(`its pickle describes the storage ${quote(key)} in two ways`);
    }
    return known;
  }
}

/** (storage, offset, shape, strides), and in the second version whether it needs a gradient, hooks and metadata. */
function rebuildTensor(...args: unknown[]): TorchTensor {
  const [storage, offset, shape, strides, , , metadata] = args;
  if (args.length < 4 || args.length > 7 || !(storage instanceof TorchStorage)) {
    throw invalidTorch('its pickle calls _rebuild_tensor with the wrong arguments');
  }
  const isAxes = (list: unknown): list is number[] => Array.isArray(list) && list.length <= MOST_AXES;
  if (typeof offset !== 'number' || !isAxes(shape) || !isAxes(strides)) {
    throw invalidTorch('its pickle calls _rebuild_tensor with the wrong arguments');
  }
  // Metadata marks tensors whose values are to be negated or conjugated when they are read.
  const isPlain = !(metadata instanceof Map) || metadata.size === 0;
  return new TorchTensor(storage, offset, [...shape], [...strides], isPlain);
}

/** (tensor, whether it needs a gradient, hooks), and in the version with state its attributes. */
function rebuildParameter(...args: unknown[]): TorchTensor | TorchPlaceholder {
  const [tensor] = args;
  const isTensor = tensor instanceof TorchTensor || tensor instanceof TorchPlaceholder;
  if (args.length < 3 || args.length > 4 || !isTensor) {
    throw invalidTorch('its pickle calls _rebuild_parameter with the wrong arguments');
  }
  return tensor;
}
