import { type BasicBlock, type BatchNorm, Bottleneck, type Conv2d, ProjectionShortcut } from '@resnet/blocks';
import type { ResNet } from '@resnet/zoo';

export type Block = BasicBlock | Bottleneck;

/** A convolution and the normalization behind it. */
export interface Layer {
  conv: Conv2d;
  norm: BatchNorm;
}

/** The layers of a block: its branch, and its shortcut where that is a projection. */
export function layersOf(block: Block): { branch: Layer[]; projection: Layer | undefined } {
  const branch = [
    { conv: block.conv1, norm: block.bn1 as BatchNorm },
    { conv: block.conv2, norm: block.bn2 as BatchNorm },
  ];
  if (block instanceof Bottleneck) branch.push({ conv: block.conv3, norm: block.bn3 as BatchNorm });
  const { downsample } = block;
  const projection =
    downsample instanceof ProjectionShortcut
      ? { conv: downsample[0], norm: downsample[1] as BatchNorm }
      : undefined;
  return { branch, projection };
}

/** All blocks of a network, in their order. */
export function blocksOf({ stages }: ResNet): Block[] {
  return stages.flatMap((stage) => [...stage.children()].map(([, block]) => block as Block));
}

/** The first layer of a network. */
export function stemOf({ stem }: ResNet): Layer {
  return { conv: stem.conv1 as Conv2d, norm: stem.bn1 as BatchNorm };
}
