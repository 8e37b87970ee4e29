import {
  type BasicBlock,
  type BatchNorm,
  Bottleneck,
  type Conv2d,
  type Module,
  ProjectionShortcut,
} from '@resnet/blocks';
import type { ImageNetNetwork } from '@resnet/zoo';

export type Block = BasicBlock | Bottleneck;

/** A convolution and the normalisation behind it. */
export interface Layer {
  conv: Conv2d;
  norm: BatchNorm;
}

/** The layers of a block: its branch, and its shortcut where that is a projection. */
export function layersOf(block: Block): { branch: Layer[]; projection: Layer | undefined } {
  const branch = [
    { conv: block.conv1, norm: block.bn1 },
    { conv: block.conv2, norm: block.bn2 },
  ];
  if (block instanceof Bottleneck) branch.push({ conv: block.conv3, norm: block.bn3 });
  const { downsample } = block;
  const projection =
    downsample instanceof ProjectionShortcut ? { conv: downsample[0], norm: downsample[1] } : undefined;
  return { branch, projection };
}

/** All blocks of a network, in their order. */
export function blocksOf({ layer1, layer2, layer3, layer4 }: ImageNetNetwork): Block[] {
  const stages: Module[] = [layer1, layer2, layer3, layer4];
  return stages.flatMap((stage) => [...stage.children()].map(([, block]) => block as Block));
}
