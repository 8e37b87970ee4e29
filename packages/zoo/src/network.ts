import {
  type BatchNorm,
  type Conv2d,
  convBatchNorm,
  type LayerVisitor,
  Linear,
  Module,
  type ShortcutOption,
  type StrideOn,
  traceInOrder,
  traceRelu,
  type Value,
} from '@resnet/blocks';
import { Random, ResnetError, unknownName } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from './classifier.js';

/** What it takes to build a network again, apart from its weights. */
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
  /** Where dilations are in the place of strides. */
  outputStride?: number;
  /** Side of its images in pixels, where it is not the one that such networks are designed for. */
  imageSize?: number;
}

/** Sides of images, in pixels, that networks may be made for. */
const SIZES = { least: 8, most: 8192 };

/** Of the last layer's matrix, in 2 GiB. */
const MOST_HEAD_VALUES = 2 ** 29;

/** A part of a network that takes what the part before it gives. */
export interface Step {
  /** Its modules, by their names in the network. */
  modules: Record<string, Module>;
  forward(x: tf.Tensor): tf.Tensor;
  trace(input: Value, visit: LayerVisitor): Value;
}

/** A network for classification: images in, logits out. */
export abstract class Network extends Module<tf.Tensor4D, tf.Tensor2D> implements Classifier {
  /** [height, width, channels] of the images that the network takes. */
  readonly inputShape: readonly [number, number, number];
  /** The last layer. */
  abstract fc: Linear;
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
    if (!Number.isInteger(size) || size < SIZES.least || size > SIZES.most) {
      const message = `imageSize must be an integer from ${SIZES.least} to ${SIZES.most}, found ${size}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    this.#architecture = { ...architecture, ...(size === designSize ? {} : { imageSize: size }) };
    this.inputShape = [size, size, architecture.inChannels];
  }

  get architecture(): Architecture {
    return this.#architecture;
  }

  /** The network's parts in order, by name: the stem, the stages, the pooling, the last layer. */
  abstract steps(): Map<string, Step>;

  /**
   * @param x [count, height, width, inChannels], normalised
   * @returns logits, [count, classes]; owned by the caller
   */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      let current: tf.Tensor = x;
      for (const step of this.steps().values()) current = step.forward(current);
      return current as tf.Tensor2D;
    });
  }

  trace(input: Value, visit: LayerVisitor): Value {
    let current = input;
    for (const step of this.steps().values()) current = step.trace(current, visit);
    return current;
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
   * Puts a new last layer in the place of the old one, whose tensors are disposed: for fine-tuning on other classes.
   *
   * @param options.seed fixes the initial weights. Default 0
   * @throws OPTION_INVALID if the number of classes is none
   */
  replaceHead(classes: number, { seed = 0 }: { seed?: number } = {}): void {
    if (!Number.isInteger(classes) || classes < 1) {
      throw new ResnetError('OPTION_INVALID', `classes must be an integer of at least 1, found ${classes}.`);
    }
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
   * Excludes the parts up to and including the one of this name from training. Their batch normalisations use their
   * running statistics from now on.
   *
   * @throws UNKNOWN_NAME
   */
  freezeThrough(name: string): void {
    for (const step of stepsThrough(this, [name]).values()) {
      for (const module of Object.values(step.modules)) module.freeze();
    }
  }
}

/** The steps of a network up to the last of those named. @throws UNKNOWN_NAME for a name that is none */
export function stepsThrough(network: Network, names: readonly string[]): Map<string, Step> {
  const steps = [...network.steps()];
  const known = steps.map(([name]) => name);
  for (const name of names) if (!known.includes(name)) throw unknownName('part', name, known);
  const last = Math.max(...names.map((name) => known.indexOf(name)));
  return new Map(steps.slice(0, last + 1));
}

/** Modules one after another as a step. */
export function stepOf(modules: Record<string, Module>): Step {
  return {
    modules,
    forward: (x) =>
      tf.tidy(() => Object.values(modules).reduce((current, module) => module.forward(current), x)),
    trace: (input, visit) => traceInOrder(modules, input, visit, ''),
  };
}

/** A network's first layer, `conv1` and `bn1` with ReLU, and what follows it. */
export function stemOf(conv1: Conv2d, bn1: BatchNorm, rest: Record<string, Module> = {}): Step {
  const after = stepOf(rest);
  return {
    modules: { conv1, bn1, ...rest },
    forward: (x) => tf.tidy(() => after.forward(convBatchNorm(x as tf.Tensor4D, conv1, bn1, { relu: true }))),
    trace: (input, visit) => {
      const normalized = traceInOrder({ conv1, bn1 }, input, visit, '');
      return after.trace(traceRelu(normalized, visit, 'relu'), visit);
    },
  };
}
