import {
  fuseGraph,
  type Graph,
  graphOf,
  Linear,
  Module,
  runRecomputing,
  runSteps,
  type ShortcutOption,
  type Step,
  type StrideOn,
  type Value,
} from '@resnet/blocks';
import { checkInteger, Random, ResnetError, unknownName } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from '../inference/classifier.js';
import type { ActivationRanges } from '../int8/activation-ranges.js';
import { fakeQuantizing } from '../int8/fake-quantization.js';

/**
 * All that is needed to build a network again, except its weights. Custom networks may add options to this interface by
 * declaration merging.
 */
export interface Architecture {
  /** Its name in the registry: 'resnet20'. */
  name: string;
  classes: number;
  /** Channels of the images. */
  inChannels: number;
  /** Kind of shortcut; a plain network has none. */
  shortcut?: ShortcutOption;
  /** Which convolution of a bottleneck has the stride. */
  strideOn?: StrideOn;
  /** Where it is not that of the paper. */
  stem?: 'small';
  /** Where dilations stand for strides. */
  outputStride?: number;
  /** Side of its images in pixels, where it is not the one that such networks are designed for. */
  imageSize?: number;
}

/** Sides of images, in pixels, that networks may be made for. */
const SIZES = { least: 8, most: 8192 };

/** Values of the last layer's matrix: 2 GiB. */
const MOST_HEAD_VALUES = 2 ** 29;

/** A network for classification: images in, logits out. */
export abstract class Network extends Module<tf.Tensor4D, tf.Tensor2D> implements Classifier {
  /** [height, width, channels] of the images that the network takes. */
  readonly inputShape: readonly [number, number, number];
  /** The last layer. */
  abstract fc: Linear;
  /**
   * Whether training keeps only some activations for the backward pass and computes the others again there: the same gradients to the
   * last bit, with far less memory and one more forward pass. Default false.
   */
  recompute = false;
  /**
   * Where it is set, `forward` and `infer` round in float32 what the quantized network of these ranges has in bytes, and gradients pass
   * as if nothing were rounded, but for values outside of the ranges: for fine-tuning before `quantizeWith`. Layers without the method
   * `int8` are computed as they are. Nothing else of the network is changed by it: weights stay float32, `fuse` rounds nothing.
   */
  fakeQuantization: ActivationRanges | undefined;
  #architecture: Architecture;

  /**
   * @param designSize side of the images that such networks are designed for, in pixels: 32 (CIFAR) or 224 (ImageNet)
   * @throws OPTION_INVALID for an impossible image size
   */
  constructor(
    { imageSize, ...architecture }: Architecture,
    readonly designSize: number,
  ) {
    super();
    const size = imageSize ?? designSize;
    checkInteger('imageSize', size, SIZES.least, SIZES.most);
    this.#architecture = { ...architecture, ...(size === designSize ? {} : { imageSize: size }) };
    this.inputShape = [size, size, architecture.inChannels];
  }

  get architecture(): Architecture {
    return this.#architecture;
  }

  /**
   * The network's parts in order, by name: the stem, the stages, the pooling, the last layer. A part is modules, each of which
   * takes what the one before it gives.
   */
  abstract parts(): Map<string, readonly Module[]>;

  /** The parts one after another, each marked with its name. */
  override describe(graph: Graph, x: Value): Value {
    let value = x;
    for (const [name, modules] of this.parts()) {
      value = graph.chain(value, ...modules);
      graph.mark(name, value);
    }
    return value;
  }

  override forward(x: tf.Tensor4D): tf.Tensor2D {
    const { fakeQuantization } = this;
    const recomputes = this.recompute && this.training;
    if (!recomputes && !fakeQuantization) return super.forward(x);
    const { graph, output } = graphOf(this, x.shape.slice(1));
    const steps = fuseGraph(graph, [output.name]);
    const compute = fakeQuantization
      ? fakeQuantizing(steps, output.name, fakeQuantization)
      : ({ operation }: Step, inputs: tf.Tensor[]) => operation.run(inputs);
    const logits = recomputes
      ? runRecomputing(steps, x, compute)
      : runSteps(steps, [x], [output.name], compute)[0];
    return logits as tf.Tensor2D;
  }

  /** The logits in inference mode; the network comes back in the mode that it was in. See `Classifier`. */
  async infer(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    const wasTraining = this.training;
    this.setTraining(false);
    try {
      return this.forward(x);
    } finally {
      this.setTraining(wasTraining);
    }
  }

  /**
   * Replaces the last layer by a new one, and disposes the old one: for fine-tuning on other classes.
   *
   * @param options.seed fixes the initial weights. Default 0
   * @throws OPTION_INVALID if the number of classes is no integer of at least 1, or too large
   */
  replaceHead(classes: number, { seed = 0 }: { seed?: number } = {}): void {
    checkInteger('classes', classes, 1);
    const inFeatures = this.fc.weight.variable.shape[0]!;
    if (classes * inFeatures > MOST_HEAD_VALUES) {
      const message = `A last layer of ${inFeatures} features has at most ${Math.floor(MOST_HEAD_VALUES / inFeatures)} classes, found ${classes}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    this.fc.dispose();
    this.fc = new Linear({ inFeatures, outFeatures: classes, random: new Random(seed) });
    this.fc.setTraining(this.training);
    this.#architecture = { ...this.#architecture, classes };
  }

  /**
   * Excludes the parts up to and including the one of this name from training. Their batch normalizations use their
   * running statistics from now on.
   *
   * @throws UNKNOWN_NAME
   */
  freezeThrough(name: string): void {
    const names = [...this.parts().keys()];
    if (!names.includes(name)) throw unknownName('part', name, names);
    for (const [part, modules] of this.parts()) {
      for (const module of modules) module.freeze();
      if (part === name) return;
    }
  }
}
