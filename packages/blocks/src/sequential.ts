import * as tf from '@tensorflow/tfjs-core';
import { Module } from './module.js';
import type { LayerVisitor } from './trace.js';

/** Modules one after another, named by their places: 0, 1, 2, … */
export class Sequential extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly #modules: readonly Module<tf.Tensor4D, tf.Tensor4D>[];

  constructor(modules: readonly Module<tf.Tensor4D, tf.Tensor4D>[]) {
    super();
    this.#modules = modules;
  }

  override *children(): Iterable<[string, Module<tf.Tensor4D, tf.Tensor4D>]> {
    for (const [place, module] of this.#modules.entries()) yield [String(place), module];
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.#modules.reduce((current, module) => module.forward(current), x));
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    let current = shape;
    for (const [child, module] of this.children()) current = module.trace(current, visit, `${name}.${child}`);
    return current;
  }
}
