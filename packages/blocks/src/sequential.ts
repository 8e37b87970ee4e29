import * as tf from '@tensorflow/tfjs-core';
import { Module } from './module.js';
import { type LayerVisitor, traceInOrder, type Value } from './trace.js';

/** Modules one after another, named by their places, 0, 1, 2, …, or by other numbers in rising order. */
export class Sequential extends Module {
  readonly modules: Record<string, Module>;

  constructor(modules: readonly Module[] | Record<string, Module>) {
    super();
    this.modules = { ...modules } as Record<string, Module>;
  }

  override children(): Iterable<[string, Module]> {
    return Object.entries(this.modules);
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => Object.values(this.modules).reduce((current, module) => module.forward(current), x));
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    return traceInOrder(this.modules, input, visit, name);
  }
}
