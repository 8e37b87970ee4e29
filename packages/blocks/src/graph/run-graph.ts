import * as tf from '@tensorflow/tfjs-core';
import { fuseGraph } from './fuse.js';
import { type Graph, inputName } from './graph.js';
import { lastUses } from './last-uses.js';

/**
 * Computes values of a graph in the mode that its layers are in; differentiable. What they don't need is not computed.
 *
 * @param inputs stay the caller's
 * @param names the values that are asked for
 * @returns in the order of the names; owned by the caller
 */
export function runGraph(graph: Graph, inputs: readonly tf.Tensor[], names: readonly string[]): tf.Tensor[] {
  const kept = new Set(names);
  const given = inputs.map((tensor, index) => [inputName(index), tensor] as const);
  const steps = fuseGraph(graph, names);
  const spent = lastUses(steps, new Set([...kept, ...given.map(([name]) => name)]));
  return tf.tidy(() => {
    const values = new Map<string, tf.Tensor>(given);
    for (const [index, { name, inputs, operation }] of steps.entries()) {
      const taken = inputs.map((input) => values.get(input)!);
      const result = tf.tidy(() => operation.run(taken));
      // A layer of a stranger's may give what it took.
      values.set(name, taken.includes(result) ? result.clone() : result);
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
