import type { Layer } from '../layers/layer.js';
import type { Graph, GraphNode, Shape } from './graph.js';
import type { Operation } from './operation.js';

/** A step of a computation: a layer, or several that are computed as one. */
export interface Step {
  /** The name of the last layer in it, whose result it gives. */
  readonly name: string;
  /** That of the first, which has its weights. */
  readonly first: string;
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  readonly operation: Operation;
  readonly layers: readonly Layer[];
}

/** Layers that are computed as one: what `Layer.fuse` finds. */
export interface Fusion {
  readonly operation: Operation;
  /** The values that it takes. */
  readonly inputs: readonly string[];
  /** The layers that are fused with the first, in their order. */
  readonly nodes: readonly GraphNode[];
}

/** The layer that takes the value of this name, if it is the only one and the value is not a result. */
export type Next = (name: string) => GraphNode | undefined;

/**
 * The steps that compute values of a graph, in an order in which they can be computed. Layers are fused as their `fuse` says; a
 * layer without one is a step.
 *
 * @param names the values that are asked for
 */
export function fuseGraph({ nodes }: Graph, names: readonly string[]): Step[] {
  const kept = new Set(names);
  const consumers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const input of new Set(node.inputs)) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  }
  const taken = new Set<string>();
  const next: Next = (name) => {
    const [only, ...others] = consumers.get(name) ?? [];
    return only && others.length === 0 && !kept.has(name) && !taken.has(only.name) ? only : undefined;
  };
  const shapes = new Map<string, Shape>();
  for (const { inputs, inputShapes, name, outputShape } of nodes) {
    for (const [index, input] of inputs.entries()) shapes.set(input, inputShapes[index]!);
    shapes.set(name, outputShape);
  }
  const steps: Step[] = [];
  for (const node of nodes) {
    if (taken.has(node.name)) continue;
    const fusion = node.layer.fuse(node, next) ?? { operation: node.layer, inputs: node.inputs, nodes: [] };
    for (const { name } of fusion.nodes) taken.add(name);
    const { name, outputShape } = fusion.nodes.at(-1) ?? node;
    const inputShapes = fusion.inputs.map((input) => shapes.get(input)!);
    steps.push({
      name,
      first: node.name,
      inputs: fusion.inputs,
      inputShapes,
      outputShape,
      operation: fusion.operation,
      layers: [node, ...fusion.nodes].map(({ layer }) => layer),
    });
  }
  // A step with an addition has to come after both of its inputs.
  const order = new Map(nodes.map(({ name }, index) => [name, index]));
  return needed(
    steps.sort((a, b) => order.get(a.name)! - order.get(b.name)!),
    kept,
  );
}

function needed(steps: readonly Step[], names: ReadonlySet<string>): Step[] {
  const wanted = new Set(names);
  const found: Step[] = [];
  for (const step of steps.toReversed()) {
    if (!wanted.has(step.name)) continue;
    found.unshift(step);
    for (const input of step.inputs) wanted.add(input);
  }
  return found;
}
