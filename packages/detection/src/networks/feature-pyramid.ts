import {
  Add,
  BatchNorm,
  Conv2d,
  type Graph,
  type Initialization,
  MaxPool,
  Module,
  Sequential,
  type Value,
} from '@resnet/blocks';
import type { Random } from '@resnet/core';
import { UpsampleTo } from './upsample-to.js';

export interface FeaturePyramidConfig {
  /** Channels of the maps that it takes, the largest map first. */
  inChannels: readonly number[];
  /** Channels of all its levels. */
  channels: number;
  /** Whether one more level is made of every second pixel of the smallest. */
  hasExtraLevel: boolean;
  /** Whether its convolutions have batch normalization in place of a bias, as in torchvision's second version. */
  isNormalized: boolean;
  random: Random;
}

/**
 * A feature pyramid (Lin et al., "Feature Pyramid Networks for Object Detection"): from the smallest map on, each level is the
 * larger level above it, upsampled, plus the trunk's map of its size. Names are torchvision's.
 */
export class FeaturePyramid extends Module {
  readonly innerBlocks: Sequential;
  readonly layerBlocks: Sequential;
  readonly upsample = new UpsampleTo();
  readonly add = new Add();
  readonly extra: MaxPool | undefined;

  constructor({ inChannels, channels, hasExtraLevel, isNormalized, random }: FeaturePyramidConfig) {
    super();
    const block = (from: number, size: number) => {
      const config = { inChannels: from, outChannels: channels, size, initialization, random };
      const convolution = new Conv2d({ ...config, bias: !isNormalized });
      return new Sequential(isNormalized ? [convolution, new BatchNorm(channels)] : [convolution]);
    };
    this.innerBlocks = new Sequential(inChannels.map((from) => block(from, 1)));
    this.layerBlocks = new Sequential(inChannels.map(() => block(channels, 3)));
    if (hasExtraLevel) this.extra = new MaxPool({ size: 1, stride: 2 });
  }

  override describe(graph: Graph, ...maps: Value[]): Value {
    return this.levels(graph, maps).at(-1)!;
  }

  /** @returns the levels, the largest first */
  levels(graph: Graph, maps: readonly Value[]): Value[] {
    const inner = Object.values(this.innerBlocks.modules);
    const outer = Object.values(this.layerBlocks.modules);
    const levels: Value[] = [];
    let above: Value | undefined;
    for (let index = maps.length - 1; index >= 0; index--) {
      const map = maps[index]!;
      const lateral = graph.call(inner[index]!, map);
      above = above ? graph.call(this.add, lateral, graph.call(this.upsample, above, map)) : lateral;
      levels.unshift(graph.call(outer[index]!, above));
    }
    if (this.extra) levels.push(graph.call(this.extra, levels.at(-1)!));
    return levels;
  }
}

/** Uniform with a deviation of √(1 / fanIn): Kaiming's rule with a slope of 1, as torchvision initializes pyramids. */
const initialization: Initialization = (size, fanIn, random) => {
  const bound = Math.sqrt(3 / fanIn);
  return Float32Array.from({ length: size }, () => (2 * random.uniform() - 1) * bound);
};
