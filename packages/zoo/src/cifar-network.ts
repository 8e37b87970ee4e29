import { Random, ResnetError } from '@resnet/backend';
import {
  BasicBlock,
  BatchNorm,
  Conv2d,
  convBatchNorm,
  GlobalAveragePool,
  type LayerVisitor,
  Linear,
  PlainBlock,
  Sequential,
  type ShortcutOption,
  traceInOrder,
} from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';
import { Network } from './network.js';

export interface CifarOptions {
  /** Default 10. */
  classes?: number;
  /** Channels of the images: 3 for colour (default), 1 for grey. */
  inChannels?: number;
  /** Kind of shortcut. Default A, which the paper uses for all of its CIFAR-10 networks. */
  shortcut?: ShortcutOption;
  /** Fixes every initial weight. Default 0. */
  seed?: number;
}

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
  readonly fc: Linear;

  /** Use `cifarResNet` or `cifarPlain`. `shortcut` undefined makes a plain network. */
  constructor(depth: number, shortcut: ShortcutOption | undefined, options: CifarOptions) {
    const { classes = 10, inChannels = 3, seed = 0 } = options;
    const name = `${shortcut === undefined ? 'plain' : 'resnet'}${depth}`;
    super({ name, classes, inChannels, ...(shortcut === undefined ? {} : { shortcut }) }, [
      32,
      32,
      inChannels,
    ]);
    if (!Number.isInteger(depth) || depth < 8 || (depth - 2) % 6 !== 0) {
      const message = `A CIFAR network has 6n + 2 layers, such as 20, 32, 44, 56, 110 or 1202; found ${depth}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const random = new Random(seed);
    this.conv1 = new Conv2d({ inChannels, outChannels: stageChannels[0], size: 3, random });
    this.bn1 = new BatchNorm(stageChannels[0]);
    const stage = (index: 0 | 1 | 2) => {
      const outChannels = stageChannels[index];
      const blocks = Array.from({ length: (depth - 2) / 6 }, (_, place) => {
        const isFirst = place === 0 && index > 0;
        const inChannels = isFirst ? stageChannels[index - 1]! : outChannels;
        const config = { inChannels, outChannels, stride: isFirst ? 2 : 1, random };
        return shortcut === undefined ? new PlainBlock(config) : new BasicBlock({ ...config, shortcut });
      });
      return new Sequential(blocks);
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.fc = new Linear({ inFeatures: stageChannels[2], outFeatures: classes, random });
  }

  /**
   * @param x [count, height, width, inChannels], normalised; of 32×32 as in the paper, or any larger size
   * @returns logits, [count, classes]; owned by the caller
   */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const stem = convBatchNorm(x, this.conv1, this.bn1, { relu: true });
      const stages = [this.layer1, this.layer2, this.layer3];
      const maps = stages.reduce((current, stage) => stage.forward(current), stem);
      return this.fc.forward(this.avgpool.forward(maps));
    });
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const { conv1, bn1, layer1, layer2, layer3, avgpool, fc } = this;
    return traceInOrder({ conv1, bn1, layer1, layer2, layer3, avgpool, fc }, shape, visit, name);
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
