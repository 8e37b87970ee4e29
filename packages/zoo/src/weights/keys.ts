import type { StateDict, TensorData } from '@resnet/blocks';

/**
 * Who named the tensors: torchvision (and timm, for ResNets), akamaster/pytorch_resnet_cifar10 (its last layer is
 * 'linear'), Hugging Face's transformers, or timm for VGG.
 */
export type KeyScheme = 'torchvision' | 'akamaster' | 'transformers' | 'timm-vgg';

/** How the names of a scheme are known, and what they become. */
interface Rules {
  scheme: KeyScheme;
  /** A name that only this scheme has. */
  sign: RegExp;
  renames: readonly [from: RegExp, to: (...groups: string[]) => string][];
}

const number = (place: string) => Number(place) + 1;

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

/**
 * Renames tensors to torchvision's names, which are this project's, whoever has named them: told by the names, never by the
 * file. The 'module.' that DataParallel puts before every name goes, and PyTorch's batch counters ('num_batches_tracked') are
 * left out. Names that nobody knows stay as they are.
 *
 * @returns a new map in the same order, of the same values, and whose names they were
 */
export function normalizeKeys(tensors: StateDict): { tensors: StateDict; scheme: KeyScheme } {
  const wrapped = [...tensors.keys()].every((key) => key.startsWith('module.'));
  const plain = [...tensors]
    .map(([key, tensor]) => [wrapped ? key.slice('module.'.length) : key, tensor] as const)
    .filter(([key]) => !key.endsWith('.num_batches_tracked'));
  const names = plain.map(([key]) => key);
  const found = schemes.find(({ sign }) => names.some((name) => sign.test(name)));
  if (!found || names.some((name) => name.startsWith('fc.')))
    return { tensors: new Map(plain), scheme: 'torchvision' };
  const rename = (key: string) => {
    for (const [from, to] of found.renames) {
      const match = from.exec(key);
      if (match) return to(...match.slice(1));
    }
    return key;
  };
  return {
    tensors: new Map(plain.map(([key, tensor]) => [rename(key), flattened(rename(key), tensor)])),
    scheme: found.scheme,
  };
}

/** timm keeps the fully connected layers of VGG as convolutions: the same values in the same order. */
function flattened(name: string, tensor: TensorData): TensorData {
  const isFilter = /^classifier\.\d\.weight$/.test(name) && tensor.shape.length === 4;
  if (!isFilter) return tensor;
  const [first, ...rest] = tensor.shape as [number, ...number[]];
  return { ...tensor, shape: [first, rest.reduce((product, length) => product * length)] };
}
