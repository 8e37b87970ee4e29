import type { StateDict } from '@resnet/blocks';

/** Who named the tensors: torchvision, or akamaster/pytorch_resnet_cifar10 (its last layer is 'linear'). */
export type KeyScheme = 'torchvision' | 'akamaster';

/**
 * Renames tensors to torchvision's names, which are this project's: the 'module.' that DataParallel puts
 * before every name goes, akamaster's 'linear.' becomes 'fc.' and its 'shortcut.' (option B) 'downsample.', and PyTorch's batch counters
 * ('num_batches_tracked') are left out. Names that are known to neither stay as they are.
 *
 * @returns a new map in the same order, of the same tensors, and whose names they were
 */
export function normalizeKeys(tensors: StateDict): { tensors: StateDict; scheme: KeyScheme } {
  const wrapped = [...tensors.keys()].every((key) => key.startsWith('module.'));
  const plain = [...tensors]
    .map(([key, tensor]) => [wrapped ? key.slice('module.'.length) : key, tensor] as const)
    .filter(([key]) => !key.endsWith('.num_batches_tracked'));
  const has = (prefix: string) => plain.some(([key]) => key.startsWith(prefix));
  if (!has('linear.') || has('fc.')) return { tensors: new Map(plain), scheme: 'torchvision' };
  return {
    tensors: new Map(
      plain.map(([key, tensor]) => [
        key.replace(/^linear\./, 'fc.').replace('.shortcut.', '.downsample.'),
        tensor,
      ]),
    ),
    scheme: 'akamaster',
  };
}

/**
 * The depth 6n + 2 of one of the paper's CIFAR-10 networks (section 4.2), counted from its tensors: three
 * stages of n blocks of two 3x3 convolutions, after a 3x3 convolution of the image to 16 channels.
 *
 * @param tensors under torchvision's names, as `normalizeKeys` gives them
 * @returns undefined if they are of another network
 */
export function cifarDepth(tensors: StateDict): number | undefined {
  const stem = tensors.get('conv1.weight')?.shape;
  if (!/^16,\d+,3,3$/.test(String(stem?.join()))) return undefined;
  const convolutions = [...tensors.keys()].filter((key) => /^layer\d+\.\d+\.conv\d+\.weight$/.test(key));
  const n = convolutions.length / 6;
  if (n === 0 || !Number.isInteger(n)) return undefined;
  const expected = [1, 2, 3].flatMap((stage) =>
    Array.from({ length: 2 * n }, (_, i) => `layer${stage}.${i >> 1}.conv${1 + (i % 2)}.weight`),
  );
  return expected.every((key) => tensors.has(key)) ? 6 * n + 2 : undefined;
}
