/** Depths of the paper's Table 6. */
export const CIFAR_DEPTHS = [20, 32, 44, 56, 110, 1202] as const;

/** Channels of the three stages (Section 4.2). */
export const CIFAR_WIDTHS = [16, 32, 64] as const;

/** Blocks of each of the three stages: 6n + 2 layers. @returns undefined for a depth that is not of this form */
export function cifarBlocks(depth: number): number | undefined {
  return Number.isInteger(depth) && depth >= 8 && (depth - 2) % 6 === 0 ? (depth - 2) / 6 : undefined;
}

/** The depth is in the name, with '-cifar' where there are networks of that name for ImageNet, or could be. */
export function cifarName(kind: 'resnet' | 'plain', depth: number): string {
  return `${kind}${depth}${CIFAR_DEPTHS.some((known) => known === depth) ? '' : '-cifar'}`;
}

export const IMAGENET_DEPTHS = [18, 34, 50, 101, 152] as const;

/** Depths of the paper's Table 1. */
export type ImageNetDepth = (typeof IMAGENET_DEPTHS)[number];

/** Channels of the four stages, before a bottleneck's expansion. */
export const IMAGENET_WIDTHS = [64, 128, 256, 512] as const;

/** Blocks of the four stages, and whether they are bottlenecks (Table 1). */
export const IMAGENET_PLANS: Readonly<
  Record<ImageNetDepth, { blocks: readonly number[]; hasBottlenecks: boolean }>
> = {
  18: { blocks: [2, 2, 2, 2], hasBottlenecks: false },
  34: { blocks: [3, 4, 6, 3], hasBottlenecks: false },
  50: { blocks: [3, 4, 6, 3], hasBottlenecks: true },
  101: { blocks: [3, 4, 23, 3], hasBottlenecks: true },
  152: { blocks: [3, 8, 36, 3], hasBottlenecks: true },
};

export const VGG_DEPTHS = [16, 19] as const;

/** Convolutions of the five stages (Simonyan and Zisserman, Table 1, D and E), and their channels. */
export const VGG_PLANS: Readonly<Record<(typeof VGG_DEPTHS)[number], readonly number[]>> = {
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};
export const VGG_WIDTHS = [64, 128, 256, 512, 512] as const;
