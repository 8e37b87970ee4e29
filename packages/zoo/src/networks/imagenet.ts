import {
  BasicBlock,
  Bottleneck,
  MaxPool,
  PlainBlock,
  type ShortcutOption,
  type StrideOn,
} from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import type { CommonOptions } from './initial-weights.js';
import { IMAGENET_DEPTHS, IMAGENET_PLANS, IMAGENET_WIDTHS, type ImageNetDepth } from './plans.js';
import { ResNet, type ResNetConfig, stemOf } from './resnet.js';

export interface ImageNetOptions extends CommonOptions {
  /** Kind of shortcut. Default: A for 18 and 34 layers (Table 2), B for 50, 101 and 152 (Section 4.1). */
  shortcut?: ShortcutOption;
  /**
   * Which convolution of a bottleneck has the stride. Default: the first 1×1, as in the paper and the original Caffe
   * models. The weights of torchvision and timm want '3x3'.
   */
  strideOn?: StrideOn;
  /**
   * 'imagenet' (default): a 7×7 convolution of stride 2 and a 3×3 max pool of stride 2. 'small': a 3×3 convolution of
   * stride 1, as people use it for images of some 32×32 to 64×64 pixels.
   */
  stem?: 'imagenet' | 'small';
  /** Whether γ of each block's last normalization starts at 0, so that blocks start as identities. Default false. */
  zeroInitLast?: boolean;
  /**
   * How much smaller than the image the last maps are: 32 (default), 16 or 8. Strides of the last stages are replaced by
   * dilations, for dense tasks; the weights stay the same. With the small stem a quarter: 8, 4 or 2.
   */
  outputStride?: number;
}

/**
 * A residual network for ImageNet (Section 3.3, Table 1), for 224×224 images: a 7×7 convolution, max pooling, four stages of
 * blocks on maps of 56, 28, 14 and 7 pixels, global average pooling, and a fully connected layer.
 *
 * @throws OPTION_INVALID for a depth other than 18, 34, 50, 101 and 152, or an impossible output stride
 */
export function imageNetResNet(depth: ImageNetDepth, options: ImageNetOptions = {}): ResNet {
  // A in Table 2, B for the deeper ones (Section 4.1).
  const papers = IMAGENET_PLANS[depth]?.hasBottlenecks ? 'B' : 'A';
  return imageNetNetwork(depth, options.shortcut ?? papers, options);
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
): ResNet {
  return imageNetNetwork(depth, undefined, options);
}

function imageNetNetwork(
  depth: ImageNetDepth,
  shortcut: ShortcutOption | undefined,
  options: ImageNetOptions,
): ResNet {
  const plan = IMAGENET_PLANS[depth];
  if (!plan || (shortcut === undefined && plan.hasBottlenecks)) {
    const depths = shortcut === undefined ? '18 and 34' : IMAGENET_DEPTHS.join(', ');
    throw new ResnetError('OPTION_INVALID', `Networks for ImageNet have depths ${depths}; found ${depth}.`);
  }
  const { classes = 1000, inChannels = 3, imageSize, shortcut: _, ...given } = options;
  const { stem = 'imagenet', strideOn = '1x1', ...rest } = given;
  const isSmall = stem === 'small';
  const fullStride = isSmall ? 8 : 32;
  const { outputStride = fullStride } = options;
  if (![1, 2, 4].some((part) => outputStride === fullStride / part)) {
    const message = `outputStride must be ${fullStride}, ${fullStride / 2} or ${fullStride / 4}, found ${outputStride}.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  return new ResNet({
    ...rest,
    architecture: {
      name: `${shortcut === undefined ? 'plain' : 'resnet'}${depth}`,
      classes,
      inChannels,
      ...defined({ shortcut, imageSize }),
      ...(plan.hasBottlenecks ? { strideOn } : {}),
      ...(isSmall ? { stem } : {}),
      ...(outputStride === fullStride ? {} : { outputStride }),
    },
    designSize: isSmall ? 32 : 224,
    stem: isSmall ? stemOf(IMAGENET_WIDTHS[0], { size: 3 }) : imageNetStem,
    stages: plan.blocks.map((blocks, index) => ({ blocks, width: IMAGENET_WIDTHS[index]! })),
    block: ({ width, shortcut, ...config }) => {
      if (shortcut === undefined) return new PlainBlock({ ...config, outChannels: width });
      return plan.hasBottlenecks
        ? new Bottleneck({ ...config, width, strideOn, shortcut })
        : new BasicBlock({ ...config, outChannels: width, shortcut });
    },
    // The stem has the rest of the network's stride, and the stages 8.
    mostStride: (8 * outputStride) / fullStride,
  });
}

const imageNetStem: ResNetConfig['stem'] = (options) => ({
  ...stemOf(IMAGENET_WIDTHS[0], { size: 7, stride: 2 })(options),
  maxpool: new MaxPool({ size: 3, stride: 2, padding: 1 }),
});
