import {
  BatchNorm,
  Conv2d,
  GlobalAveragePool,
  graphOf,
  Linear,
  type Module,
  type NormLayer,
  Relu,
  Sequential,
  type Shape,
  type ShortcutOption,
} from '@resnet/blocks';
import { type Random, ResnetError } from '@resnet/core';
import { type InitialWeights, randomFor } from './initial-weights.js';
import { type Architecture, Network } from './network.js';

/** The options that a network gives each of its blocks. */
export interface BlockOptions {
  /** Channels of the block's input. */
  inChannels: number;
  /** Channels of the block's 3×3 layers. */
  width: number;
  stride: number;
  /** Dilation after the stride: larger than 1 where a stride was replaced. */
  dilation: number;
  /** Dilation before the stride. */
  inputDilation: number;
  /** None in a plain network. */
  shortcut: ShortcutOption | undefined;
  /** Makes a normalization of this many channels. */
  normLayer: (channels: number) => NormLayer;
  random: Random;
}

export interface ResNetConfig extends InitialWeights {
  /** The description in files: the network's name, and the options that build it again. */
  architecture: Architecture;
  /** Side of the images that it is designed for, in pixels. */
  designSize: number;
  /** The modules before the first stage by their names, in their order. */
  stem: (
    options: { inChannels: number } & Pick<BlockOptions, 'normLayer' | 'random'>,
  ) => Record<string, Module>;
  /** The stages: how many blocks, and of which width. */
  stages: readonly { blocks: number; width: number }[];
  /** Makes a block. */
  block: (options: BlockOptions) => Module;
  /** The modules between the last stage and the pooling by their names: blocks with pre-activation need some. Default none. */
  final?: (options: { channels: number } & Pick<BlockOptions, 'normLayer'>) => Record<string, Module>;
  /** Default: batch normalization. */
  normLayer?: (channels: number) => NormLayer;
  /** Whether γ of each block's last normalization starts at 0. Default false. */
  zeroInitLast?: boolean;
  /**
   * The largest product of the stages' strides. Each stage but the first has a stride of 2; dilations replace the strides beyond
   * this limit. Default: no limit.
   */
  mostStride?: number;
}

/**
 * A network of blocks in stages: a stem, stages each of which halves the maps but the first, global average pooling and a
 * fully connected layer (Table 1, Section 4.2). The softmax is left to the loss. Parts are called 'stem', 'layer1' and so on,
 * 'final' where there is one, 'pool' and 'fc'.
 */
export class ResNet extends Network {
  readonly stem: Readonly<Record<string, Module>>;
  readonly stages: readonly Sequential[];
  readonly final: Readonly<Record<string, Module>>;
  readonly avgpool = new GlobalAveragePool();
  // Only declared: the constructor sets this field last, which puts its parameters last.
  declare fc: Linear;

  /** @throws OPTION_INVALID for an impossible image size, or blocks that can't be told to start at 0 */
  constructor(config: ResNetConfig) {
    super(config.architecture, config.designSize);
    const {
      architecture,
      stages,
      block,
      mostStride = Number.POSITIVE_INFINITY,
      zeroInitLast = false,
    } = config;
    const { normLayer = (channels: number) => new BatchNorm(channels), final = () => ({}) } = config;
    const random = randomFor(config);

    this.stem = this.#named(config.stem({ inChannels: architecture.inChannels, normLayer, random }));
    let shape: Shape = Object.values(this.stem).reduce(shapeAfter, this.inputShape);
    let currentStride = 1;
    let dilation = 1;
    this.stages = stages.map(({ blocks, width }, index) => {
      const inputDilation = dilation;
      let stride = index === 0 ? 1 : 2;
      if (currentStride * stride > mostStride) {
        dilation *= stride;
        stride = 1;
      }
      currentStride *= stride;
      const made = Array.from({ length: blocks }, (_, position) => {
        const module = block({
          inChannels: shape.at(-1)!,
          width,
          stride: position === 0 ? stride : 1,
          dilation,
          inputDilation: position === 0 ? inputDilation : dilation,
          shortcut: architecture.shortcut,
          normLayer,
          random,
        });
        shape = shapeAfter(shape, module);
        if (zeroInitLast) zeroResidual(module);
        return module;
      });
      const stage = new Sequential(made);
      this.#named({ [`layer${index + 1}`]: stage });
      return stage;
    });
    this.final = this.#named(final({ channels: shape.at(-1)!, normLayer }));
    this.fc = new Linear({ inFeatures: shape.at(-1)!, outFeatures: architecture.classes, random });
  }

  override parts(): Map<string, readonly Module[]> {
    const final = Object.values(this.final);
    return new Map<string, readonly Module[]>([
      ['stem', Object.values(this.stem)],
      ...this.stages.map((stage, index) => [`layer${index + 1}`, [stage]] as const),
      ...(final.length === 0 ? [] : [['final', final] as const]),
      ['pool', [this.avgpool]],
      ['fc', [this.fc]],
    ]);
  }

  /** Makes modules fields of the network, which gives them and their parameters their names. */
  #named<Modules extends Record<string, Module>>(modules: Modules): Modules {
    Object.assign(this, modules);
    return modules;
  }
}

/** A stem of a convolution to this many channels, normalization and ReLU. */
export function stemOf(
  outChannels: number,
  filter: { size: number; stride?: number },
): (options: Parameters<ResNetConfig['stem']>[0]) => Record<string, Module> {
  return ({ inChannels, normLayer, random }) => ({
    conv1: new Conv2d({ inChannels, outChannels, ...filter, random }),
    bn1: normLayer(outChannels),
    relu: new Relu(),
  });
}

function shapeAfter(shape: Shape, module: Module): Shape {
  return graphOf(module, shape).output.shape;
}

function zeroResidual(block: Module & { zeroResidual?: () => void }): void {
  if (block.zeroResidual) block.zeroResidual();
  else
    throw new ResnetError(
      'OPTION_INVALID',
      `${block.constructor.name} has no residual that could start at 0.`,
    );
}
