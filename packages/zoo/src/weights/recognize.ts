import type { ShortcutOption, StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import type { Architecture } from '../networks/network.js';
import {
  cifarName,
  IMAGENET_DEPTHS,
  IMAGENET_PLANS,
  IMAGENET_WIDTHS,
  VGG_DEPTHS,
  VGG_PLANS,
} from '../networks/plans.js';
import { recognizeRegistered } from '../networks/registry.js';

/** What tensors show of an architecture. */
export type Recognized = Partial<Architecture>;

/**
 * Recognizes a network by the names and shapes of its tensors. They don't show plain networks (which are taken for residual ones
 * with option A), nor which convolution of a bottleneck has the stride: the 3×3 is assumed, as in torchvision and all current files.
 *
 * @param tensors under torchvision's names, as `normalizeKeys` gives them
 * @param named the network that the user says it is
 * @returns without a name if they are of no network of this project
 */
export function recognize(tensors: StateDict, named?: string): Recognized {
  const all = recognizeRegistered(tensors);
  const chosen = all.filter(({ name }) => name === named);
  const registered = chosen.length > 0 ? chosen : all;
  if (registered.length > 1 && named === undefined) {
    const names = registered.map(({ name }) => name).join(' and ');
    throw new ResnetError('WEIGHTS_MISMATCH', `These tensors may be of ${names}. Name the network.`);
  }
  const { seed: _, initialize: __, ...found } = registered[0] ?? {};
  return registered.length === 1 ? (found as Recognized) : recognizeOurs(tensors);
}

function recognizeOurs(tensors: StateDict): Recognized {
  const blocks = blocksOf(tensors);
  const convolutions = vggConvolutions(tensors);
  if (convolutions !== undefined) {
    const depth = VGG_DEPTHS.find(
      (depth) => VGG_PLANS[depth].reduce((sum, count) => sum + count, 0) === convolutions,
    );
    return { ...sizesOf(tensors), ...defined({ name: depth && `vgg${depth}` }) };
  }
  const [stemChannels, , stemSize] = tensors.get('conv1.weight')?.shape ?? [];
  const found = { ...sizesOf(tensors), shortcut: shortcutOf(tensors, blocks) };
  const depth = cifarDepth(tensors);
  if (depth !== undefined) {
    return { ...found, name: cifarName('resnet', depth) };
  }
  const isBottleneck = tensors.has('layer1.0.conv3.weight');
  const imageNetDepth = IMAGENET_DEPTHS.find((depth) => {
    const plan = IMAGENET_PLANS[depth];
    return plan.hasBottlenecks === isBottleneck && String(plan.blocks) === String(blocks);
  });
  if (imageNetDepth === undefined || stemChannels !== IMAGENET_WIDTHS[0]) return found;
  return {
    ...found,
    name: `resnet${imageNetDepth}`,
    ...(isBottleneck ? { strideOn: '3x3' as const } : {}),
    ...(stemSize === 3 ? { stem: 'small' as const } : {}),
  };
}

/**
 * The depth 6n + 2 of one of the paper's CIFAR-10 networks (Section 4.2), counted from its tensors: three
 * stages of n blocks of two 3×3 convolutions, after a 3×3 convolution of the image to 16 channels.
 *
 * @param tensors under torchvision's names, as `normalizeKeys` gives them
 * @returns undefined if they are of another network
 */
export function cifarDepth(tensors: StateDict): number | undefined {
  const stem = tensors.get('conv1.weight')?.shape;
  if (!/^16,\d+,3,3$/.test(String(stem?.join()))) return undefined;
  const [n, ...others] = blocksOf(tensors);
  if (n === undefined || others.length !== 2 || others.some((count) => count !== n)) return undefined;
  return tensors.has('layer1.0.conv3.weight') ? undefined : 6 * n + 2;
}

/** The number of blocks of each stage: as many as there are, counted from the first. */
export function blocksOf(tensors: StateDict): number[] {
  const counts: number[] = [];
  for (let stage = 1; tensors.has(`layer${stage}.0.conv1.weight`); stage++) {
    let count = 1;
    while (tensors.has(`layer${stage}.${count}.conv1.weight`)) count++;
    counts.push(count);
  }
  return counts;
}

/** A, without projections; C, with one in every block; else B. */
function shortcutOf(tensors: StateDict, blocks: readonly number[]): ShortcutOption {
  const projections = [...tensors.keys()].filter((name) => name.endsWith('.downsample.0.weight')).length;
  if (projections === 0) return 'A';
  return projections === blocks.reduce((sum, count) => sum + count, 0) ? 'C' : 'B';
}

/** The convolutions of a VGG; undefined if tensors are of another kind of network. */
export function vggConvolutions(tensors: StateDict): number | undefined {
  if (blocksOf(tensors).length > 0 || !tensors.has('features.0.weight')) return undefined;
  return [...tensors.keys()].filter((name) => /^features\.\d+\.weight$/.test(name)).length;
}

/** The classes of the last layer, which may lack its biases, and the channels of the first. */
export function sizesOf(tensors: StateDict): Recognized {
  const first = (...names: string[]) => names.map((name) => tensors.get(name)?.shape).find(Boolean) ?? [];
  const [classes] = first('fc.bias', 'fc.weight', 'classifier.6.bias', 'classifier.6.weight');
  const [, inChannels] = first('conv1.weight', 'features.0.weight');
  return defined({ classes, inChannels });
}
