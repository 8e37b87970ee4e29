import * as tf from '@tensorflow/tfjs-core';
import { fuseGraph } from './fuse.js';
import { type Graph, inputName } from './graph.js';
import { lastUses } from './last-uses.js';

/** A step by the names of its result and its inputs. */
interface Computation {
  readonly name: string;
  readonly inputs: readonly string[];
}

/**
 * Computes values of a graph in the mode that its layers are in; differentiable. Layers that they don't need are not computed.
 *
 * @param inputs stay the caller's
 * @param names the values that are asked for
 * @returns in the order of the names; owned by the caller
 */
export function runGraph(graph: Graph, inputs: readonly tf.Tensor[], names: readonly string[]): tf.Tensor[] {
  return runSteps(fuseGraph(graph, names), inputs, names, ({ operation }, taken) => operation.run(taken));
}

/**
 * The same by steps in an order in which they can be computed.
 *
 * @param compute gives a step's result; other tensors that it makes are disposed
 */
export function runSteps<Step extends Computation>(
  steps: readonly Step[],
  inputs: readonly tf.Tensor[],
  names: readonly string[],
  compute: (step: Step, inputs: tf.Tensor[]) => tf.Tensor,
): tf.Tensor[] {
  const given = inputs.map((tensor, index) => [inputName(index), tensor] as const);
  const spent = lastUses(steps, new Set([...names, ...given.map(([name]) => name)]));
  return tf.tidy(() => {
    const values = new Map<string, tf.Tensor>(given);
    for (const [index, step] of steps.entries()) {
      const taken = step.inputs.map((input) => values.get(input)!);
      const result = tf.tidy(() => compute(step, taken));
      // A custom layer may return its input.
      values.set(step.name, taken.includes(result) ? result.clone() : result);
      // Before the end of the scope, or all of a network's maps would be in memory at once.
      for (const input of spent[index]!) {
        values.get(input)!.dispose();
        values.delete(input);
      }
    }
    return names.map((name) => {
      const value = values.get(name)!;
      return inputs.includes(value) ? value.clone() : value;
    });
  });
}
