import { type ConvGeometry, conv2d } from '@resnet/backend';
import { type Random, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Fusion, Next } from '../graph/fuse.js';
import type { GraphNode, Shape } from '../graph/graph.js';
import type { Int8Form } from '../graph/int8.js';
import type { OnnxAttributes, OnnxGraph } from '../graph/onnx-graph.js';
import { Parameter } from '../parameter.js';
import { Relu } from './activation.js';
import { Add } from './add.js';
import { BatchNorm } from './batch-norm.js';
import { FusedConvolution } from './fused-convolution.js';
import { heNormal, type Initialization } from './initialization.js';
import { Layer } from './layer.js';

export interface Conv2dConfig {
  inChannels: number;
  outChannels: number;
  /** Height and width of the filters. */
  size: number;
  stride?: number;
  /** Default: dilation · ⌊size / 2⌋, which keeps the image's size at stride 1 and odd filter sizes. */
  padding?: number;
  /** Pixels from one tap of the filter to the next. Default 1. */
  dilation?: number;
  /** Whether it adds a learned value to each channel. Default false: batch normalization does. */
  bias?: boolean;
  /** What the bias starts at. Default 0. */
  initialBias?: number;
  /** Whether files have the filter as a matrix [outChannels, inChannels · size · size]. Default false. */
  isFlat?: boolean;
  /** How the filters start. Default `heNormal`. */
  initialization?: Initialization;
  random: Random;
}

/** A convolution. All of the paper's are without bias: batch normalization follows. */
export class Conv2d extends Layer<tf.Tensor4D, tf.Tensor4D> {
  readonly kind = 'convolution';
  /** [size, size, inChannels, outChannels] in memory. */
  readonly weight: Parameter;
  /** [outChannels] */
  readonly bias?: Parameter;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;

  constructor(config: Conv2dConfig) {
    super();
    const {
      inChannels,
      outChannels,
      size,
      stride = 1,
      dilation = 1,
      initialization = heNormal,
      random,
    } = config;
    const fanIn = size * size * inChannels;
    const values = () => initialization(fanIn * outChannels, fanIn, random);
    this.weight = new Parameter(
      values,
      [size, size, inChannels, outChannels],
      config.isFlat ? 'flat filter' : 'filter',
    );
    this.stride = stride;
    this.padding = config.padding ?? dilation * Math.floor(size / 2);
    this.dilation = dilation;
    if (config.bias) {
      const start = () => new Float32Array(outChannels).fill(config.initialBias ?? 0);
      this.bias = new Parameter(start, [outChannels], 'vector');
    }
  }

  /** Makes the convolution the identity: for each channel, a one in the middle of the filter. */
  makeIdentity(): void {
    const [size, , inChannels, outChannels] = this.filter.shape;
    const values = new Float32Array(size * size * inChannels * outChannels);
    const middle = Math.floor(size / 2) * (size + 1) * inChannels * outChannels;
    for (let channel = 0; channel < Math.min(inChannels, outChannels); channel++) {
      values[middle + channel * (outChannels + 1)] = 1;
    }
    tf.tidy(() => this.weight.variable.assign(tf.tensor(values, this.filter.shape)));
  }

  get filter(): tf.Tensor4D {
    return this.weight.value as tf.Tensor4D;
  }

  /** How the filter moves over an image. */
  get geometry(): ConvGeometry {
    return { stride: this.stride, padding: this.padding, dilation: this.dilation };
  }

  override outputShape(input: Shape): Shape {
    const [height, width, channels] = input as [number, number, number];
    const [size, , inChannels, outChannels] = this.weight.shape as FilterShape;
    const reach = this.dilation * (size - 1) + 1;
    const along = (length: number) => Math.floor((length + 2 * this.padding - reach) / this.stride) + 1;
    if (input.length === 3 && channels === inChannels && Math.min(along(height), along(width)) >= 1) {
      return [along(height), along(width), outChannels];
    }
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A convolution with filters of ${size} × ${size} and padding ${this.padding} needs a map of ${inChannels} channels, no smaller than its filters, found [${input}].`,
    );
  }

  override multiplyAdds([height, width]: Shape): number {
    return height! * width! * this.weight.size;
  }

  override infer({ weight, bias }: { weight: tf.Tensor4D; bias?: tf.Tensor1D }, x: tf.Tensor4D): tf.Tensor4D {
    return conv2d(x, weight, { ...this.geometry, bias });
  }

  /** With the normalization, the shortcut's addition and the ReLU that follow. */
  override fuse({ name, inputs }: GraphNode, next: Next): Fusion | undefined {
    // A subclass that computes something else is not fused.
    if (this.infer !== Conv2d.prototype.infer || this.train !== Layer.prototype.train) return undefined;
    const nodes: GraphNode[] = [];
    const take = (kind: new (...parameters: never[]) => Layer) => {
      const following = next(nodes.at(-1)?.name ?? name);
      if (following?.layer.constructor !== kind) return undefined;
      nodes.push(following);
      return following;
    };
    // The backend's operation has no bias before the normalization.
    const norm = this.bias ? undefined : (take(BatchNorm)?.layer as BatchNorm | undefined);
    const before = nodes.at(-1)?.name ?? name;
    const sum = take(Add);
    const residual = sum?.inputs.find((input) => input !== before);
    if (sum && residual === undefined) nodes.pop();
    const relu = take(Relu) !== undefined;
    if (nodes.length === 0) return undefined;
    return {
      operation: new FusedConvolution(this, norm, residual !== undefined, relu),
      inputs: residual === undefined ? inputs : [...inputs, residual],
      nodes,
    };
  }

  override int8(): Int8Form {
    return new FusedConvolution(this, undefined, false, false).int8();
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    onnx.node('Conv', name, [...inputs, ...this.writeConstants(onnx, name)], this.onnxWindow);
  }

  /** How the filter moves, as attributes of ONNX's Conv. */
  get onnxWindow(): OnnxAttributes {
    const [height, width] = this.weight.shape as FilterShape;
    return {
      kernel_shape: [height, width],
      strides: [this.stride, this.stride],
      pads: Array<number>(4).fill(this.padding),
      dilations: [this.dilation, this.dilation],
    };
  }
}

type FilterShape = [height: number, width: number, inChannels: number, outChannels: number];
