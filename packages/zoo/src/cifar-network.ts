import {
  BasicBlock,
  BatchNorm,
  Conv2d,
  GlobalAveragePool,
  Linear,
  PlainBlock,
  Sequential,
  type ShortcutOption,
} from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { type InitialWeights, randomFor } from './initial-weights.js';
import { Network, type Step, stemOf, stepOf } from './network.js';

export interface CifarOptions extends InitialWeights {
  /** Default 10. */
  classes?: number;
  /** Channels of the images: 3 for colour (default), 1 for grey. */
  inChannels?: number;
  /** Side of the images in pixels. Default 32. */
  imageSize?: number;
  /** Kind of shortcut. Default A, which the paper uses for all of its CIFAR-10 networks. */
  shortcut?: ShortcutOption;
  /** Whether γ of each block's last normalisation starts at 0, so that blocks start as identities. Default false. */
  zeroInitLast?: boolean;
}

/** Depths of the paper's Table 6. */
export const CIFAR_DEPTHS = [20, 32, 44, 56, 110, 1202] as const;

/** Channels of the three stages (Section 4.2). */
const stageChannels = [16, 32, 64] as const;

/**
 * The networks of Section 4.2 for 32×32 images: a 3×3 convolution, three stages of n blocks on maps of 32, 16 and
 * 8 places with 16, 32 and 64 channels, global average pooling, and a fully connected layer: 6n + 2 weighted
 * layers. The softmax is left to the loss.
 */
export class CifarNetwork extends Network {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly avgpool = new GlobalAveragePool();
  fc: Linear;

  /** Use `cifarResNet` or `cifarPlain`. `shortcut` undefined makes a plain network. */
  constructor(depth: number, shortcut: ShortcutOption | undefined, options: CifarOptions) {
    const { classes = 10, inChannels = 3, imageSize } = options;
    const kind = shortcut === undefined ? 'plain' : 'resnet';
    // Of other depths the names could be those of networks for ImageNet.
    const name = `${kind}${depth}${CIFAR_DEPTHS.some((known) => known === depth) ? '' : '-cifar'}`;
    super(
      {
        name,
        classes,
        inChannels,
        ...(shortcut === undefined ? {} : { shortcut }),
        ...(imageSize === undefined ? {} : { imageSize }),
      },
      32,
    );
    if (!Number.isInteger(depth) || depth < 8 || (depth - 2) % 6 !== 0) {
      const message = `A CIFAR network has 6n + 2 layers, such as 20, 32, 44, 56, 110 or 1202; found ${depth}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const random = randomFor(options);
    this.conv1 = new Conv2d({ inChannels, outChannels: stageChannels[0], size: 3, random });
    this.bn1 = new BatchNorm(stageChannels[0]);
    const stage = (index: 0 | 1 | 2) => {
      const outChannels = stageChannels[index];
      const blocks = Array.from({ length: (depth - 2) / 6 }, (_, place) => {
        const isFirst = place === 0 && index > 0;
        const inChannels = isFirst ? stageChannels[index - 1]! : outChannels;
        const config = { inChannels, outChannels, stride: isFirst ? 2 : 1, random };
        if (shortcut === undefined) return new PlainBlock(config);
        const block = new BasicBlock({ ...config, shortcut });
        if (options.zeroInitLast) block.zeroResidual();
        return block;
      });
      return new Sequential(blocks);
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.fc = new Linear({ inFeatures: stageChannels[2], outFeatures: classes, random });
  }

  steps(): Map<string, Step> {
    const { conv1, bn1, layer1, layer2, layer3, avgpool, fc } = this;
    return new Map([
      ['stem', stemOf(conv1, bn1)],
      ['layer1', stepOf({ layer1 })],
      ['layer2', stepOf({ layer2 })],
      ['layer3', stepOf({ layer3 })],
      ['pool', stepOf({ avgpool })],
      ['fc', stepOf({ fc })],
    ]);
  }
}

/**
 * A residual network for CIFAR (Section 4.2). The paper's depths are 20, 32, 44, 56, 110 and 1202.
 *
 * @throws OPTION_INVALID if depth is not 6n + 2
 */
export function cifarResNet(depth: number, options: CifarOptions = {}): CifarNetwork {
  return new CifarNetwork(depth, options.shortcut ?? 'A', options);
}

/**
 * The plain counterpart of a residual network: the same layers without shortcuts, and, with option A, the same
 * initial weights for the same seed.
 *
 * @throws OPTION_INVALID if depth is not 6n + 2
 */
export function cifarPlain(depth: number, options: Omit<CifarOptions, 'shortcut'> = {}): CifarNetwork {
  return new CifarNetwork(depth, undefined, options);
}
