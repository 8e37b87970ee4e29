import type { StateDict, TensorData } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';

/**
 * Who named the tensors: torchvision (and timm, for ResNets), akamaster/pytorch_resnet_cifar10 (its last layer is
 * 'linear', as in kuangliu/pytorch-cifar), Hugging Face's transformers, or timm for VGG.
 */
export type KeyScheme = 'torchvision' | 'akamaster' | 'transformers' | 'timm-vgg';

/** How the names of a scheme are recognized, and what they become. */
interface Rules {
  scheme: KeyScheme;
  /** A name that only this scheme has. */
  sign: RegExp;
  renames: readonly [from: RegExp, to: (...groups: string[]) => string][];
}

/** Stages and layers are numbered from 0 in transformers, from 1 in torchvision. */
const number = (index: string) => Number(index) + 1;

const schemes: readonly Rules[] = [
  {
    scheme: 'akamaster',
    sign: /^linear\.(weight|bias)$/,
    renames: [
      [/^linear\.(\w+)$/, (part) => `fc.${part}`],
      [/^(layer.*)\.shortcut\.(.*)$/, (block, rest) => `${block}.downsample.${rest}`],
    ],
  },
  {
    scheme: 'transformers',
    sign: /^(resnet\.)?embedder\.embedder\.convolution\.weight$/,
    renames: [
      [/^(?:resnet\.)?embedder\.embedder\.convolution\.(\w+)$/, (part) => `conv1.${part}`],
      [/^(?:resnet\.)?embedder\.embedder\.normalization\.(\w+)$/, (part) => `bn1.${part}`],
      [
        /^(?:resnet\.)?encoder\.stages\.(\d)\.layers\.(\d+)\.layer\.(\d)\.(convolution|normalization)\.(\w+)$/,
        (stage, block, layer, kind, part) =>
          `layer${number(stage!)}.${block}.${kind === 'convolution' ? 'conv' : 'bn'}${number(layer!)}.${part}`,
      ],
      [
        /^(?:resnet\.)?encoder\.stages\.(\d)\.layers\.(\d+)\.shortcut\.(convolution|normalization)\.(\w+)$/,
        (stage, block, kind, part) =>
          `layer${number(stage!)}.${block}.downsample.${kind === 'convolution' ? 0 : 1}.${part}`,
      ],
      [/^classifier\.1\.(\w+)$/, (part) => `fc.${part}`],
    ],
  },
  {
    scheme: 'timm-vgg',
    sign: /^pre_logits\.fc1\.weight$/,
    renames: [
      [/^pre_logits\.fc1\.(\w+)$/, (part) => `classifier.0.${part}`],
      [/^pre_logits\.fc2\.(\w+)$/, (part) => `classifier.3.${part}`],
      [/^head\.fc\.(\w+)$/, (part) => `classifier.6.${part}`],
    ],
  },
];

/** Tensors under torchvision's names, and how they were renamed. */
export interface NormalizedKeys {
  tensors: StateDict;
  /** Whose names they were. */
  scheme: KeyScheme;
  /** For people: what was taken off, renamed and left out, with counts; a statement each. */
  notes: readonly string[];
}

/** A tensor by its name in the file, and by the one that it gets. */
interface Entry {
  from: string;
  name: string;
  tensor: TensorData;
}

/**
 * Renames tensors to torchvision's names, which are this project's, whoever has named them: told by the names, never by their
 * order. What all names begin with goes ('module.' of DataParallel, 'model.' of Lightning), and so does '_orig_mod.' of
 * torch.compile wherever it is. PyTorch's batch counters ('num_batches_tracked') and the counter of its averaged models
 * ('n_averaged') are left out. Names that nobody knows stay as they are.
 *
 * @returns a new map in the same order, of the same values
 * @throws WEIGHTS_INVALID if two tensors get the same name
 */
export function normalizeKeys(tensors: StateDict): NormalizedKeys {
  const all = [...tensors].map(([from, tensor]): Entry => ({ from, name: from, tensor }));
  const counted = all.filter(({ name }) => !name.endsWith('.num_batches_tracked'));
  const notes = counted.length < all.length ? [leftOut(all.length - counted.length, 'batch counter')] : [];
  const plain = unwrapped(counted, notes);
  const scheme = schemeOf(plain);
  return {
    tensors: byName(scheme ? renamed(plain, scheme, notes) : plain),
    scheme: scheme?.scheme ?? 'torchvision',
    notes,
  };
}

/** What torch.compile puts before the names of a module's tensors. */
const compiled = '_orig_mod.';

/** First parts of names that are no wrapper's, even if all tensors share them. */
const ofNetwork = /^(conv|bn|layer)\d$|^(fc|linear|features|classifier|pre_logits|head)$/;

/** Without what wrappers have put before the names. */
function unwrapped(entries: readonly Entry[], notes: string[]): Entry[] {
  let current = entries.map((entry) => ({ ...entry, name: entry.name.replaceAll(compiled, '') }));
  const ofCompile = entries.filter(({ name }) => name.includes(compiled)).length;
  if (ofCompile > 0) notes.push(`${quote(compiled)} is taken off ${count(ofCompile, 'name')}`);
  let prefix = '';
  for (;;) {
    const averaged = current.filter(({ name }) => name !== 'n_averaged');
    if (averaged.length < current.length && averaged.every(({ name }) => name.startsWith('module.'))) {
      notes.push(leftOut(1, 'counter', 'n_averaged'));
      current = averaged;
    }
    const [first] = current;
    const part = first?.name.slice(0, first.name.indexOf('.') + 1) ?? '';
    const isShared = part.length > 1 && current.every(({ name }) => name.startsWith(part));
    if (!isShared || ofNetwork.test(part.slice(0, -1))) break;
    prefix += part;
    current = current.map((entry) => ({ ...entry, name: entry.name.slice(part.length) }));
  }
  if (prefix !== '') notes.push(`${quote(prefix)} is taken off all ${count(current.length, 'name')}`);
  return current;
}

function schemeOf(entries: readonly Entry[]): Rules | undefined {
  const found = schemes.find(({ sign }) => entries.some(({ name }) => sign.test(name)));
  return entries.some(({ name }) => name.startsWith('fc.')) ? undefined : found;
}

function renamed(entries: readonly Entry[], { scheme, renames }: Rules, notes: string[]): Entry[] {
  const rename = (key: string) => {
    for (const [from, to] of renames) {
      const match = from.exec(key);
      if (match) return to(...match.slice(1));
    }
    return key;
  };
  const result = entries.map((entry) => {
    const name = rename(entry.name);
    return { ...entry, name, tensor: flattened(name, entry.tensor) };
  });
  const changed = result.filter(({ name }, index) => name !== entries[index]!.name).length;
  notes.push(`${count(changed, 'name')} as in ${writers[scheme]} became torchvision's`);
  return result;
}

const writers: Record<KeyScheme, string> = {
  torchvision: 'torchvision',
  akamaster: "akamaster's and kuangliu's repositories",
  transformers: 'transformers',
  'timm-vgg': 'timm',
};

function byName(entries: readonly Entry[]): StateDict {
  const from = new Map<string, string>();
  for (const entry of entries) {
    const other = from.get(entry.name);
    if (other !== undefined) {
      const message = `Two tensors both stand for ${quote(entry.name)}: ${[other, entry.from].sort().map(quote).join(' and ')}. Remove one.`;
      throw new ResnetError('WEIGHTS_INVALID', message);
    }
    from.set(entry.name, entry.from);
  }
  return new Map(entries.map(({ name, tensor }) => [name, tensor]));
}

function leftOut(number: number, what: string, name = 'num_batches_tracked'): string {
  return `${count(number, what)} (${name}) ${number === 1 ? 'is' : 'are'} left out`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** timm keeps the fully connected layers of VGG as convolutions: the same values in the same order. */
function flattened(name: string, tensor: TensorData): TensorData {
  const isFilter = /^classifier\.\d\.weight$/.test(name) && tensor.shape.length === 4;
  if (!isFilter) return tensor;
  const [first, ...rest] = tensor.shape as [number, ...number[]];
  return { ...tensor, shape: [first, rest.reduce((product, length) => product * length)] };
}
