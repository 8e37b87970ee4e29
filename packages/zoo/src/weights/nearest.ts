import type { StateDict } from '@resnet/blocks';
import {
  CIFAR_DEPTHS,
  CIFAR_WIDTHS,
  cifarBlocks,
  cifarName,
  IMAGENET_DEPTHS,
  IMAGENET_PLANS,
} from '../networks/plans.js';
import { blocksOf, type Recognized, sizesOf, vggConvolutions } from './recognize.js';

/** A residual network as the names of its tensors show it. */
interface Outline {
  name: string;
  blocks: readonly number[];
  isBottleneck: boolean;
}

const outlines: readonly Outline[] = [
  ...CIFAR_DEPTHS.map((depth) => {
    const blocks = Array<number>(CIFAR_WIDTHS.length).fill(cifarBlocks(depth)!);
    return { name: cifarName('resnet', depth), blocks, isBottleneck: false };
  }),
  ...IMAGENET_DEPTHS.map((depth) => {
    const { blocks, hasBottlenecks } = IMAGENET_PLANS[depth];
    return { name: `resnet${depth}`, blocks, isBottleneck: hasBottlenecks };
  }),
];

/**
 * The network of this project whose tensors' names are the most similar to those of an unknown network.
 *
 * @param tensors under torchvision's names, as `normalizeKeys` gives them
 * @returns undefined if none is similar
 */
export function nearestNetwork(tensors: StateDict): (Recognized & { name: string }) | undefined {
  const convolutions = vggConvolutions(tensors);
  if (convolutions !== undefined) return { name: convolutions < 15 ? 'vgg16' : 'vgg19', ...sizesOf(tensors) };
  const blocks = blocksOf(tensors);
  const isBottleneck = tensors.has('layer1.0.conv3.weight');
  const distanceTo = (outline: Outline) => {
    const stages = Math.max(blocks.length, outline.blocks.length);
    let distance = 0;
    for (let stage = 0; stage < stages; stage++) {
      distance += Math.abs((blocks[stage] ?? 0) - (outline.blocks[stage] ?? 0));
    }
    const total = blocks.reduce((sum, count) => sum + count, 0);
    return distance + (outline.isBottleneck === isBottleneck ? 0 : total);
  };
  if (blocks.length === 0) return undefined;
  const [nearest] = outlines.toSorted((a, b) => distanceTo(a) - distanceTo(b)) as [Outline];
  return { name: nearest.name, ...sizesOf(tensors) };
}
