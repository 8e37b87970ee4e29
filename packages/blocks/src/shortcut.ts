import { subsamplePad } from '@resnet/backend';
import type { Random } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from './batch-norm.js';
import { convBatchNorm } from './conv-batch-norm.js';
import { Conv2d } from './conv2d.js';
import { Module } from './module.js';
import { type LayerVisitor, type Value, visitLayer } from './trace.js';

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
  random: Random;
}

/** A 1×1 convolution and batch normalisation: W_s of Equation 2. */
export class ProjectionShortcut extends Module<tf.Tensor4D, tf.Tensor4D> {
  // Named by their places in torchvision's `downsample`.
  readonly 0: Conv2d;
  readonly 1: BatchNorm;

  constructor({ inChannels, outChannels, stride, random }: Omit<ShortcutConfig, 'option'>) {
    super();
    this[0] = new Conv2d({ inChannels, outChannels, size: 1, stride, random });
    this[1] = new BatchNorm(outChannels);
  }

  /** Makes the projection the identity, in inference. */
  makeIdentity(): void {
    this[0].makeIdentity();
    this[1].makeIdentity();
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return convBatchNorm(x, this[0], this[1]);
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    return this[1].trace(this[0].trace(input, visit, `${name}.0`), visit, `${name}.1`);
  }
}

/** The identity, across a change of dimensions: every `stride`-th place, and zeros for channels that are new. */
export class IdentityShortcut extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly stride: number;
  readonly outChannels: number;

  constructor({ outChannels, stride }: { outChannels: number; stride: number }) {
    super();
    this.stride = stride;
    this.outChannels = outChannels;
  }

  /** Does nothing: where dimensions don't change it is the identity. */
  makeIdentity(): void {}

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const isUnchanged = this.stride === 1 && x.shape[3] === this.outChannels;
    return isUnchanged ? x.clone() : subsamplePad(x, this.stride, this.outChannels);
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    const along = (length: number) => Math.ceil(length / this.stride);
    const shape = [along(input.shape[0]!), along(input.shape[1]!), this.outChannels];
    if (String(input.shape) === String(shape)) return input;
    return visitLayer(visit, name, { kind: 'shortcut A', module: this }, [input], shape);
  }
}

export type Shortcut = ProjectionShortcut | IdentityShortcut;

/** The shortcut of one block. */
export function createShortcut({ option, ...config }: ShortcutConfig): Shortcut {
  const changes = config.stride !== 1 || config.inChannels !== config.outChannels;
  const projects = option === 'C' || (option === 'B' && changes);
  return projects ? new ProjectionShortcut(config) : new IdentityShortcut(config);
}
