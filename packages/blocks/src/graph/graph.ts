import { ResnetError } from '@resnet/core';
import type { Layer } from '../layers/layer.js';
import type { Module } from '../module.js';

/** Of one image: [height, width, channels] for a map, [features] for a vector. */
export type Shape = readonly number[];

/** A value in a network: the result of the layer of this name, or the network's input. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** A layer of a network, with its inputs, shapes and costs. */
export interface GraphNode {
  /** The path of the layer's module, `layer1.0.conv1`; where a layer is used again, with `#2`. */
  readonly name: string;
  readonly layer: Layer;
  /** That of the layer: 'convolution'. */
  readonly kind: string;
  /** The values that it takes, by name. */
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** Learned values; 0 where a layer is used again. */
  readonly parameters: number;
  /** Multiplications with additions for one image, as the paper counts FLOPs (Table 1). */
  readonly multiplyAdds: number;
}

/**
 * What a module computes, layer by layer, in an order in which it can be computed. `Module.describe` writes it; training,
 * inference, fusion, ONNX and the summary read it.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  /** The values that `mark` has given a name. */
  readonly marks = new Map<string, Value>();
  readonly #root: Module;
  readonly #paths: ReadonlyMap<Module, string>;
  readonly #uses = new Map<Layer, number>();

  /** @param root the module whose fields give the names */
  constructor(root: Module) {
    this.#root = root;
    this.#paths = new Map(pathsWithin(root));
  }

  /** The result of a module for these values. */
  call(module: Module, ...inputs: Value[]): Value {
    return module.describe(this, ...inputs);
  }

  /** The result of modules one after another. */
  chain(input: Value, ...modules: readonly Module[]): Value {
    return modules.reduce((value, module) => this.call(module, value), input);
  }

  /** Gives a value another name, such as that of a part of the network. */
  mark(name: string, value: Value): void {
    this.marks.set(name, value);
  }

  /**
   * Adds a layer. `call` does this for layers.
   *
   * @throws OPTION_INVALID if the layer is in no field, or in a field named like the input; SHAPE_MISMATCH if it does not take such
   *   values
   */
  add(layer: Layer, ...inputs: Value[]): Value {
    const uses = this.#uses.get(layer) ?? 0;
    const path = this.#pathOf(layer);
    this.#uses.set(layer, uses + 1);
    const name = uses === 0 ? path : `${path}#${uses + 1}`;
    const inputShapes = inputs.map(({ shape }) => shape);
    const outputShape = layer.outputShape(...inputShapes);
    let parameters = 0;
    for (const [, parameter] of layer.ownParameters()) {
      if (!parameter.isBuffer && uses === 0) parameters += parameter.size;
    }
    this.nodes.push({
      name,
      layer,
      kind: layer.kind,
      inputs: inputs.map((input) => input.name),
      inputShapes,
      outputShape,
      parameters,
      multiplyAdds: layer.multiplyAdds(outputShape, ...inputShapes),
    });
    return { name, shape: outputShape };
  }

  #pathOf(layer: Layer): string {
    const path = this.#paths.get(layer);
    if (path !== undefined && /^input\d*$/.test(path)) {
      throw new ResnetError(
        'OPTION_INVALID',
        `A layer can't be called '${path}', as the network's input is. Keep it in a field of another name.`,
      );
    }
    if (path !== undefined) return path === '' ? layer.kind : path;
    throw new ResnetError(
      'OPTION_INVALID',
      `${this.#root.constructor.name} uses a layer (${layer.kind}) that is in none of its fields, nor in those of its modules. ` +
        'Keep it in a field, which gives it its name.',
    );
  }
}

/** What a module computes for inputs of these shapes, called 'input', 'input2' and so on. */
export function graphOf(module: Module, ...shapes: Shape[]): { graph: Graph; output: Value } {
  const graph = new Graph(module);
  const inputs = shapes.map((shape, index) => ({ name: inputName(index), shape }));
  return { graph, output: module.describe(graph, ...inputs) };
}

/** The name of a graph's input of this index. */
export function inputName(index: number): string {
  return index === 0 ? 'input' : `input${index + 1}`;
}

function* pathsWithin(module: Module, path = ''): Iterable<[Module, string]> {
  yield [module, path];
  for (const [name, child] of module.children()) {
    yield* pathsWithin(child, path === '' ? name : `${path}.${name}`);
  }
}
