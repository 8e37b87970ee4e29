import type { ShortcutOption, StateDict } from '@resnet/blocks';
import type { Architecture } from '../network.js';

/** What can be told of an architecture from its tensors. */
export type Recognized = Partial<Architecture>;

/** Blocks of the stages of the networks for ImageNet (Table 1), by whether they are bottlenecks. */
export const imageNetDepths: Record<string, number> = {
  'basic 2,2,2,2': 18,
  'basic 3,4,6,3': 34,
  'bottleneck 3,4,6,3': 50,
  'bottleneck 3,4,23,3': 101,
  'bottleneck 3,8,36,3': 152,
};

/** Convolutions of VGG, by depth. */
const vggDepths: Record<number, number> = { 13: 16, 16: 19 };

/**
 * Recognises a network by the names and shapes of its tensors. Not to be seen are plain networks (they are taken for
 * residual ones with option A), and which convolution of a bottleneck has the stride: that of torchvision, the 3×3, is assumed,
 * as all of today's files have it.
 *
 * @param tensors under torchvision's names, as `normalizeKeys` gives them
 * @returns without a name if they are of no network of this project
 */
export function recognize(tensors: StateDict): Recognized {
  const blocks = blocksOf(tensors);
  const convolutions = vggConvolutions(tensors);
  if (convolutions !== undefined) {
    const depth = vggDepths[convolutions];
    return { ...(depth === undefined ? {} : { name: `vgg${depth}` }), ...sizesOf(tensors) };
  }
  const [stemChannels, , stemSize] = tensors.get('conv1.weight')?.shape ?? [];
  const found = { ...sizesOf(tensors), shortcut: shortcutOf(tensors, blocks) };
  const depth = cifarDepth(tensors);
  if (depth !== undefined) {
    const isPapers = [20, 32, 44, 56, 110, 1202].includes(depth);
    return { ...found, name: `resnet${depth}${isPapers ? '' : '-cifar'}` };
  }
  const isBottleneck = tensors.has('layer1.0.conv3.weight');
  const imageNetDepth = imageNetDepths[`${isBottleneck ? 'bottleneck' : 'basic'} ${blocks}`];
  if (imageNetDepth === undefined || stemChannels !== 64) return found;
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
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(inChannels === undefined ? {} : { inChannels }),
  };
}
