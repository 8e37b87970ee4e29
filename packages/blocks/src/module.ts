import { ResnetError } from '@resnet/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Graph, graphOf, type Value } from './graph/graph.js';
import { runGraph } from './graph/run-graph.js';
import { Parameter } from './parameter.js';
import { readParameters } from './read-parameters.js';
import type { StateDict } from './state-dict.js';

/**
 * A part of a network. The fields of a subclass, in their order, are its children, parameters and buffers, and the fields' names
 * make up their names, as in PyTorch: `layer1.0.bn2.running_var`.
 */
export abstract class Module<Input extends Tensor = Tensor, Output extends Tensor = Tensor> {
  #training = true;

  /**
   * Describes what the module computes: which of its modules take which values. Training, inference, fusion, summaries and ONNX all
   * use this description.
   *
   * @param inputs of one image: maps of [height, width, channels], or vectors of [features]
   */
  abstract describe(graph: Graph, ...inputs: Value[]): Value;

  /** The result, in the mode that the module is in; differentiable. It is owned by the caller, the arguments stay the caller's. */
  forward(...inputs: Input[]): Output {
    const { graph, output } = graphOf(this, ...inputs.map(({ shape }) => shape.slice(1)));
    return runGraph(graph, inputs, [output.name])[0] as Output;
  }

  /** Whether batch normalization takes its statistics from the batch. Starts true. */
  get training(): boolean {
    return this.#training;
  }

  /** Switches the module and all within it between training and inference. */
  setTraining(training: boolean): void {
    this.#training = training;
    for (const [, child] of this.children()) child.setTraining(training);
  }

  /** Excludes all parameters from training; batch normalization uses its running statistics from now on. */
  freeze(): void {
    for (const [, parameter] of this.ownParameters()) parameter.trainable = false;
    for (const [, child] of this.children()) child.freeze();
  }

  /** The modules directly within this one, with their names in files. */
  *children(): Iterable<[string, Module]> {
    for (const [field, value] of Object.entries(this)) {
      if (value instanceof Module) yield [snakeCase(field), value];
    }
  }

  /** All parameters and buffers, by their names in files. */
  *namedParameters(prefix = ''): Iterable<[string, Parameter]> {
    for (const [name, parameter] of this.ownParameters()) yield [prefix + name, parameter];
    for (const [name, child] of this.children()) yield* child.namedParameters(`${prefix}${name}.`);
  }

  *ownParameters(): Iterable<[string, Parameter]> {
    for (const [field, value] of Object.entries(this)) {
      if (value instanceof Parameter) yield [snakeCase(field), value];
    }
  }

  /** The number of learned values, as the paper counts parameters. */
  parameterCount(): number {
    let count = 0;
    for (const [, parameter] of this.namedParameters()) {
      if (!parameter.isBuffer) count += parameter.size;
    }
    return count;
  }

  /**
   * A copy of all parameters and buffers, as they are at the moment of the call, even if they are changed or disposed before the
   * promise resolves.
   */
  stateDict(): Promise<StateDict> {
    return readParameters(this.namedParameters());
  }

  /**
   * Loads all parameters and buffers. If anything is wrong, none of them change.
   *
   * @throws WEIGHTS_MISMATCH as `checkStateDict`
   */
  loadStateDict(state: StateDict): void {
    this.checkStateDict(state);
    for (const [name, parameter] of this.namedParameters()) parameter.write(state.get(name)!);
  }

  /**
   * Compares the names and shapes of tensors with those of the parameters and buffers.
   *
   * @throws WEIGHTS_MISMATCH counting the missing, unexpected and misshapen tensors, and naming the first of each
   */
  checkStateDict(state: StateDict): void {
    const parameters = new Map(this.namedParameters());
    const missing = [...parameters.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !parameters.has(name));
    const misshapen = [...parameters].flatMap(([name, parameter]) => {
      const [expected, found] = [String(parameter.storedShape), String(state.get(name)?.shape)];
      return !state.has(name) || expected === found
        ? []
        : [`${name} (expected [${expected}], found [${found}])`];
    });
    if (missing.length + unexpected.length + misshapen.length > 0) {
      const lines = Object.entries({ missing, unexpected, misshapen })
        .filter(([, names]) => names.length > 0)
        .map(([problem, names]) => `  ${names.length} ${problem}: ${firstOf(names)}`);
      throw new ResnetError('WEIGHTS_MISMATCH', `The weights are not of this network.\n${lines.join('\n')}`);
    }
  }

  /** Frees all parameters and buffers. */
  dispose(): void {
    for (const [, parameter] of this.namedParameters()) parameter.dispose();
  }
}

const shown = 6;

/** The first names, for a message; those of an untrusted file may be long. */
function firstOf(names: readonly string[]): string {
  const first = names
    .slice(0, shown)
    .map((name) => (name.length > 120 ? `${name.slice(0, 120)}…` : name).replace(/\p{C}/gu, '\ufffd'));
  return names.length > shown ? `${first.join(', ')} and ${names.length - shown} more` : first.join(', ');
}

/** runningMean → running_mean: fields are named as in TypeScript, tensors as in PyTorch. */
function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
