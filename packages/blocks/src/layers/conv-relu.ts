import type { Graph, Value } from '../graph/graph.js';
import { Relu } from './activation.js';
import { Conv2d } from './conv2d.js';

/** A convolution with ReLU, as networks without batch normalization have them. */
export class ConvRelu extends Conv2d {
  readonly relu = new Relu();

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(super.describe(graph, x), this.relu);
  }
}
