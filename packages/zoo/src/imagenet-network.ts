import {
  BasicBlock,
  BatchNorm,
  BOTTLENECK_EXPANSION,
  Bottleneck,
  Conv2d,
  GlobalAveragePool,
  Linear,
  MaxPool,
  PlainBlock,
  Sequential,
  type ShortcutOption,
  type StrideOn,
} from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { type InitialWeights, randomFor } from './initial-weights.js';
import { Network, type Step, stemOf, stepOf } from './network.js';

export interface ImageNetOptions extends InitialWeights {
  /** Default 1000. */
  classes?: number;
  /** Channels of the images: 3 for colour (default), 1 for grey. */
  inChannels?: number;
  /** Side of the images in pixels. Default 224, or 32 with the small stem. */
  imageSize?: number;
  /** Kind of shortcut. Default: A for 18 and 34 layers (Table 2), B for 50, 101 and 152 (Section 4.1). */
  shortcut?: ShortcutOption;
  /**
   * Which convolution of a bottleneck has the stride. Default: the first 1×1, as in the paper and the original Caffe
   * models. The weights of torchvision and timm want '3x3'.
   */
  strideOn?: StrideOn;
  /**
   * 'imagenet' (default): a 7×7 convolution of stride 2 and a 3×3 max pool of stride 2. 'small': a 3×3 convolution of
   * stride 1, as people use it for images of some 32×32 to 64×64 places.
   */
  stem?: 'imagenet' | 'small';
  /** Whether γ of each block's last normalisation starts at 0, so that blocks start as identities. Default false. */
  zeroInitLast?: boolean;
  /**
   * How much smaller than the image the last maps are: 32 (default), 16 or 8. Strides of the last stages are replaced by
   * dilations, for dense tasks; the weights stay the same. With the small stem a quarter: 8, 4 or 2.
   */
  outputStride?: number;
}

export const IMAGENET_DEPTHS = [18, 34, 50, 101, 152] as const;

/** Depths of the paper's Table 1. */
export type ImageNetDepth = (typeof IMAGENET_DEPTHS)[number];

/** Blocks of the four stages, and whether they are bottlenecks (Table 1). */
const plans: Record<ImageNetDepth, { blocks: readonly number[]; hasBottlenecks: boolean }> = {
  18: { blocks: [2, 2, 2, 2], hasBottlenecks: false },
  34: { blocks: [3, 4, 6, 3], hasBottlenecks: false },
  50: { blocks: [3, 4, 6, 3], hasBottlenecks: true },
  101: { blocks: [3, 4, 23, 3], hasBottlenecks: true },
  152: { blocks: [3, 8, 36, 3], hasBottlenecks: true },
};

const stemChannels = 64;

/** The shortcut that the paper uses at this depth: A in Table 2, B for the deeper ones (Section 4.1). */
function paperShortcut(depth: ImageNetDepth): ShortcutOption {
  return plans[depth]?.hasBottlenecks ? 'B' : 'A';
}

/**
 * The networks of Section 3.3 and Table 1 for 224×224 images: a 7×7 convolution, max pooling, four stages of blocks on
 * maps of 56, 28, 14 and 7 places, global average pooling, and a fully connected layer. The softmax is left to the loss.
 */
export class ImageNetNetwork extends Network {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly maxpool: MaxPool | undefined;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool = new GlobalAveragePool();
  fc: Linear;

  /** Use `imageNetResNet` or `imageNetPlain`. `shortcut` undefined makes a plain network. */
  constructor(depth: ImageNetDepth, shortcut: ShortcutOption | undefined, options: ImageNetOptions) {
    const plan = plans[depth];
    if (!plan || (shortcut === undefined && plan.hasBottlenecks)) {
      const depths = shortcut === undefined ? '18 and 34' : IMAGENET_DEPTHS.join(', ');
      throw new ResnetError('OPTION_INVALID', `Networks for ImageNet have depths ${depths}; found ${depth}.`);
    }
    const { classes = 1000, inChannels = 3, stem = 'imagenet', strideOn = '1x1' } = options;
    const { zeroInitLast = false, imageSize } = options;
    const fullStride = stem === 'small' ? 8 : 32;
    const { outputStride = fullStride } = options;
    if (![1, 2, 4].some((part) => outputStride === fullStride / part)) {
      const message = `outputStride must be ${fullStride}, ${fullStride / 2} or ${fullStride / 4}, found ${outputStride}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const name = `${shortcut === undefined ? 'plain' : 'resnet'}${depth}`;
    super(
      {
        name,
        classes,
        inChannels,
        ...(shortcut === undefined ? {} : { shortcut }),
        ...(plan.hasBottlenecks ? { strideOn } : {}),
        ...(stem === 'imagenet' ? {} : { stem }),
        ...(outputStride === fullStride ? {} : { outputStride }),
        ...(imageSize === undefined ? {} : { imageSize }),
      },
      stem === 'small' ? 32 : 224,
    );
    const random = randomFor(options);
    if (stem === 'small') {
      this.conv1 = new Conv2d({ inChannels, outChannels: stemChannels, size: 3, random });
    } else {
      this.conv1 = new Conv2d({ inChannels, outChannels: stemChannels, size: 7, stride: 2, random });
      this.maxpool = new MaxPool({ size: 3, stride: 2, padding: 1 });
    }
    this.bn1 = new BatchNorm(stemChannels);

    const expansion = plan.hasBottlenecks ? BOTTLENECK_EXPANSION : 1;
    let currentChannels = stemChannels;
    let currentStride = fullStride / 8;
    let dilation = 1;
    const stage = (index: number) => {
      const width = stemChannels * 2 ** index;
      const inputDilation = dilation;
      let stride = index === 0 ? 1 : 2;
      if (currentStride * stride > outputStride) {
        dilation *= stride;
        stride = 1;
      }
      currentStride *= stride;
      const blocks = Array.from({ length: plan.blocks[index]! }, (_, place) => {
        const config = {
          inChannels: currentChannels,
          outChannels: width,
          stride: place === 0 ? stride : 1,
          dilation,
          inputDilation: place === 0 ? inputDilation : dilation,
          random,
        };
        currentChannels = width * expansion;
        if (shortcut === undefined) return new PlainBlock(config);
        const block = plan.hasBottlenecks
          ? new Bottleneck({ ...config, width, strideOn, shortcut })
          : new BasicBlock({ ...config, shortcut });
        if (zeroInitLast) block.zeroResidual();
        return block;
      });
      return new Sequential(blocks);
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.fc = new Linear({ inFeatures: currentChannels, outFeatures: classes, random });
  }

  steps(): Map<string, Step> {
    const { conv1, bn1, maxpool, layer1, layer2, layer3, layer4, avgpool, fc } = this;
    return new Map([
      ['stem', stemOf(conv1, bn1, maxpool ? { maxpool } : {})],
      ['layer1', stepOf({ layer1 })],
      ['layer2', stepOf({ layer2 })],
      ['layer3', stepOf({ layer3 })],
      ['layer4', stepOf({ layer4 })],
      ['pool', stepOf({ avgpool })],
      ['fc', stepOf({ fc })],
    ]);
  }
}

/**
 * A residual network for ImageNet (Table 1).
 *
 * @throws OPTION_INVALID for a depth other than 18, 34, 50, 101 and 152, or an impossible output stride
 */
export function imageNetResNet(depth: ImageNetDepth, options: ImageNetOptions = {}): ImageNetNetwork {
  return new ImageNetNetwork(depth, options.shortcut ?? paperShortcut(depth), options);
}

/**
 * The plain counterpart of ResNet-18 or 34: the same layers without shortcuts, and, with option A, the same initial weights
 * for the same seed (Section 3.3, Figure 3).
 *
 * @throws OPTION_INVALID for other depths
 */
export function imageNetPlain(
  depth: 18 | 34,
  options: Omit<ImageNetOptions, 'shortcut' | 'strideOn' | 'zeroInitLast'> = {},
): ImageNetNetwork {
  return new ImageNetNetwork(depth, undefined, options);
}
