import type { Graph, Value } from '../graph/graph.js';
import { Module } from '../module.js';

/** Modules one after another, named by their indices, 0, 1, 2, …, or by other numbers in rising order. */
export class Sequential extends Module {
  readonly modules: Record<string, Module>;

  constructor(modules: readonly Module[] | Record<string, Module>) {
    super();
    this.modules = { ...modules } as Record<string, Module>;
  }

  override children(): Iterable<[string, Module]> {
    return Object.entries(this.modules);
  }

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(x, ...Object.values(this.modules));
  }
}
