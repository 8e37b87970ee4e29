import {
  ConvRelu,
  GlobalAveragePool,
  HighwayBlock,
  Linear,
  MaxPool,
  type Module,
  Sequential,
} from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import { type CommonOptions, randomFor } from './initial-weights.js';
import { Network } from './network.js';

export interface HighwayOptions extends CommonOptions {}

export const HIGHWAY_DEPTHS = [19, 32] as const;

type HighwayDepth = (typeof HIGHWAY_DEPTHS)[number];

interface Plan {
  /** Channels of each stage, and the filters' sizes of its highway layers, which follow a plain 3×3 layer. */
  stages: readonly { channels: number; sizes: readonly number[] }[];
  /** Initial bias of the gates: lower for deeper networks. */
  gateBias: number;
}

const alternating = [1, 3, 1, 3, 1, 3, 1, 3, 1] as const;

const plans: Record<HighwayDepth, Plan> = {
  // As in the authors' published definition, whose log counts 2,256,838 parameters.
  19: {
    stages: [
      { channels: 32, sizes: Array<number>(4).fill(3) },
      { channels: 80, sizes: Array<number>(5).fill(3) },
      { channels: 128, sizes: Array<number>(5).fill(3) },
    ],
    gateBias: -2,
  },
  // Published are the depth, the alternating sizes and "∼1.25M parameters"; the stages are a reconstruction.
  32: {
    stages: [32, 64, 96].map((channels) => ({ channels, sizes: alternating })),
    gateBias: -3,
  },
};

const lastChannels = 100;

/**
 * The highway networks of the paper's Table 6, for 32×32 images (Srivastava et al., "Training Very Deep Networks",
 * Section 3.3): stages of a plain layer and highway layers with max pools between, a 1×1 layer, global average pooling and a
 * fully connected layer. No batch normalization; without the dropout that its authors train it with.
 */
export class Highway extends Network {
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly conv: ConvRelu;
  readonly pool1 = new MaxPool({ size: 2, stride: 2 });
  readonly pool2 = new MaxPool({ size: 2, stride: 2 });
  readonly avgpool = new GlobalAveragePool();
  fc: Linear;

  /** Use `highway`. */
  constructor(depth: HighwayDepth, options: HighwayOptions) {
    const plan = plans[depth];
    if (!plan) {
      const message = `Highway networks have ${HIGHWAY_DEPTHS.join(' or ')} layers, found ${depth}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const { classes = 10, inChannels = 3, imageSize } = options;
    super({ name: `highway${depth}`, classes, inChannels, ...defined({ imageSize }) }, 32);
    const random = randomFor(options);
    const { stages, gateBias } = plan;
    const stage = (index: number) => {
      const { channels, sizes } = stages[index]!;
      const first = new ConvRelu({
        inChannels: stages[index - 1]?.channels ?? inChannels,
        outChannels: channels,
        size: 3,
        bias: true,
        random,
      });
      return new Sequential([
        first,
        ...sizes.map((size): Module => new HighwayBlock({ channels, size, gateBias, random })),
      ]);
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.conv = new ConvRelu({
      inChannels: stages[2]!.channels,
      outChannels: lastChannels,
      size: 1,
      bias: true,
      random,
    });
    this.fc = new Linear({ inFeatures: lastChannels, outFeatures: classes, random });
  }

  override parts(): Map<string, readonly Module[]> {
    return new Map<string, readonly Module[]>([
      ['layer1', [this.layer1, this.pool1]],
      ['layer2', [this.layer2, this.pool2]],
      ['layer3', [this.layer3]],
      ['pool', [this.conv, this.avgpool]],
      ['fc', [this.fc]],
    ]);
  }
}

/**
 * A highway network of 19 or 32 weighted layers.
 *
 * @throws OPTION_INVALID for other depths
 */
export function highway(depth: HighwayDepth, options: HighwayOptions = {}): Highway {
  return new Highway(depth, options);
}
