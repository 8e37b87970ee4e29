import { subsamplePad } from '@resnet/backend';
import type { Random } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Graph, Shape, Value } from '../graph/graph.js';
import type { Int8Form } from '../graph/int8.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { batchNorm } from '../layers/batch-norm.js';
import { Conv2d } from '../layers/conv2d.js';
import { Layer } from '../layers/layer.js';
import type { NormLayer } from '../layers/norm-layer.js';
import { Module } from '../module.js';

/**
 * The paper's three kinds of shortcut (Sections 3.3 and 4.1): A, identities everywhere, with zeros for new
 * channels; B, projections where dimensions change, identities elsewhere; C, projections everywhere.
 */
export type ShortcutOption = 'A' | 'B' | 'C';

export const SHORTCUT_OPTIONS: readonly ShortcutOption[] = ['A', 'B', 'C'];

export interface ShortcutConfig {
  option: ShortcutOption;
  inChannels: number;
  outChannels: number;
  stride: number;
  /** Makes a normalization of this many channels. Default: batch normalization. */
  normLayer?: (channels: number) => NormLayer;
  random: Random;
}

/** A 1×1 convolution and batch normalization: W_s of Equation 2. */
export class ProjectionShortcut extends Module<tf.Tensor4D, tf.Tensor4D> {
  // Named by their indices in torchvision's `downsample`.
  readonly 0: Conv2d;
  readonly 1: NormLayer;

  constructor(config: Omit<ShortcutConfig, 'option'>) {
    super();
    const { inChannels, outChannels, stride, normLayer = batchNorm, random } = config;
    this[0] = new Conv2d({ inChannels, outChannels, size: 1, stride, random });
    this[1] = normLayer(outChannels);
  }

  /** Makes the projection the identity, in inference. */
  makeIdentity(): void {
    this[0].makeIdentity();
    this[1].makeIdentity();
  }

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(x, this[0], this[1]);
  }
}

/** The identity across a change of dimensions: every `stride`-th pixel, and zeros for new channels. */
export class IdentityShortcut extends Layer<tf.Tensor4D, tf.Tensor4D> {
  readonly kind = 'shortcut A';
  readonly stride: number;
  readonly inChannels: number;
  readonly outChannels: number;

  constructor({
    inChannels,
    outChannels,
    stride,
  }: Pick<ShortcutConfig, 'inChannels' | 'outChannels' | 'stride'>) {
    super();
    this.stride = stride;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
  }

  /** Does nothing: where dimensions don't change it is the identity. */
  makeIdentity(): void {}

  /** Where dimensions don't change, the network has no layer for it. */
  override describe(graph: Graph, x: Value): Value {
    return String(this.outputShape(x.shape)) === String(x.shape) ? x : graph.add(this, x);
  }

  override outputShape([height, width]: Shape): Shape {
    const along = (length: number) => Math.ceil(length / this.stride);
    return [along(height!), along(width!), this.outChannels];
  }

  override infer(_: object, x: tf.Tensor4D): tf.Tensor4D {
    return subsamplePad(x, this.stride, this.outChannels);
  }

  override int8(): Int8Form {
    return { kind: 'subsample', stride: this.stride, channels: this.outChannels };
  }

  /** Every stride-th pixel, and zeros for the new channels, half of them on either side. */
  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    const { stride, inChannels, outChannels } = this;
    const integers = (part: string, values: number[]) => onnx.integers(`${name}.${part}`, values);
    const end = 2 ** 31 - 1;
    onnx.node('Slice', `${name}.pixels`, [
      ...inputs,
      integers('starts', [0, 0]),
      integers('ends', [end, end]),
      integers('axes', [2, 3]),
      integers('steps', [stride, stride]),
    ]);
    const added = outChannels - inChannels;
    const before = Math.floor(added / 2);
    const pads = integers('pads', [0, before, 0, 0, 0, added - before, 0, 0]);
    onnx.node('Pad', name, [`${name}.pixels`, pads]);
  }
}

export type Shortcut = ProjectionShortcut | IdentityShortcut;

/** The shortcut of one block. */
export function createShortcut({ option, ...config }: ShortcutConfig): Shortcut {
  const changes = config.stride !== 1 || config.inChannels !== config.outChannels;
  const projects = option === 'C' || (option === 'B' && changes);
  return projects ? new ProjectionShortcut(config) : new IdentityShortcut(config);
}
