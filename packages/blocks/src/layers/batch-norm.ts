import {
  type BatchNormParameters,
  batchNormInference,
  batchNormTraining,
  blendMoments,
  type Moments,
} from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../graph/graph.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Parameter } from '../parameter.js';
import { NormLayer } from './norm-layer.js';

/** How much of each batch's statistics goes into the running ones, as in PyTorch. */
const momentum = 0.1;

/**
 * Batch normalization. In training it takes its statistics from the batch and keeps running ones (the variance
 * unbiased, as PyTorch does); in inference, and when frozen, it uses the running ones.
 */
export class BatchNorm extends NormLayer {
  readonly kind = 'batch normalization';
  /** γ, [channels]; starts at 1. */
  readonly weight: Parameter;
  /** β, [channels]; starts at 0. */
  readonly bias: Parameter;
  readonly runningMean: Parameter;
  readonly runningVar: Parameter;
  static #keepsRunning = true;
  /** What is added to the variance. As in PyTorch; torchvision's first detectors have 0. */
  epsilon = 1e-5;
  #frozen = false;

  constructor(channels: number) {
    super();
    const constant = (value: number, options?: { isBuffer: boolean }) =>
      new Parameter(() => new Float32Array(channels).fill(value), [channels], 'vector', options);
    this.weight = constant(1);
    this.bias = constant(0);
    this.runningMean = constant(0, { isBuffer: true });
    this.runningVar = constant(1, { isBuffer: true });
  }

  /** Does work that computes a batch a second time, whose statistics the running ones have already. */
  static withoutRunning<T>(work: () => T): T {
    const before = BatchNorm.#keepsRunning;
    BatchNorm.#keepsRunning = false;
    try {
      return work();
    } finally {
      BatchNorm.#keepsRunning = before;
    }
  }

  override freeze(): void {
    super.freeze();
    this.#frozen = true;
  }

  /** Whether the statistics come from the batch: in training, unless frozen. */
  get usesBatchStatistics(): boolean {
    return this.training && !this.#frozen;
  }

  /** Makes the normalization the identity, in inference: mean 0, variance 1, β 0 and γ √(1 + ε). */
  makeIdentity(): void {
    const values = [
      [this.weight, Math.sqrt(1 + this.epsilon)],
      [this.bias, 0],
      [this.runningMean, 0],
      [this.runningVar, 1],
    ] as const;
    for (const [parameter, value] of values) {
      tf.tidy(() => parameter.variable.assign(tf.fill(parameter.variable.shape, value)));
    }
  }

  get parameters(): BatchNormParameters {
    return { gamma: vector(this.weight), beta: vector(this.bias), epsilon: this.epsilon };
  }

  get runningMoments(): Moments {
    return { mean: vector(this.runningMean), variance: vector(this.runningVar) };
  }

  override outputShape(input: Shape): Shape {
    const channels = this.weight.size;
    if (input.length === 3 && input[2] === channels) return input;
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `This batch normalization is for maps of ${channels} channels, found [${input}].`,
    );
  }

  override infer(
    { weight, bias, runningMean, runningVar }: Record<BatchNormField, tf.Tensor1D>,
    x: tf.Tensor4D,
  ): tf.Tensor4D {
    const moments = { mean: runningMean, variance: runningVar };
    return batchNormInference(x, { gamma: weight, beta: bias, epsilon: this.epsilon }, moments);
  }

  override train(x: tf.Tensor4D): tf.Tensor4D {
    if (!this.usesBatchStatistics) return batchNormInference(x, this.parameters, this.runningMoments);
    const { y, ...moments } = batchNormTraining(x, this.parameters);
    this.updateRunning(moments, y.size / y.shape[3]);
    return y;
  }

  /**
   * Blends the moments of a batch into the running ones.
   *
   * @param moments mean and biased variance
   * @param count the number of values behind each of them
   * @throws SHAPE_MISMATCH if there is one value only, which has no variance
   */
  updateRunning({ mean, variance }: Moments, count: number): void {
    if (count < 2) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        'Batch normalization in training needs more than one value per channel, found one: use a larger batch or image.',
      );
    }
    if (!BatchNorm.#keepsRunning) return;
    tf.tidy(() => {
      const running = blendMoments(this.runningMoments, { mean, variance }, count, momentum);
      this.runningMean.variable.assign(running.mean);
      this.runningVar.variable.assign(running.variance);
    });
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    const all = [...inputs, ...this.writeConstants(onnx, name)];
    onnx.node('BatchNormalization', name, all, { epsilon: { float: this.epsilon } });
  }
}

type BatchNormField = 'weight' | 'bias' | 'runningMean' | 'runningVar';

/** Batch normalization of this many channels: the default of blocks. */
export function batchNorm(channels: number): NormLayer {
  return new BatchNorm(channels);
}

function vector(parameter: Parameter): tf.Tensor1D {
  return parameter.variable as unknown as tf.Tensor1D;
}
