import * as tf from '@tensorflow/tfjs-core';
import { fuseGraph, type Step } from './fuse.js';
import type { Graph } from './graph.js';
import type { Prepared } from './operation.js';
import { runSteps } from './run-graph.js';

/** A step with its own copies of the weights. */
export type PreparedStep = Step & Prepared;

/**
 * A graph made ready for inference: normalizations are folded into the convolutions before them. The weights are copied, so that the
 * modules may be disposed. It takes inputs of any size that its layers take.
 */
export class PreparedGraph {
  readonly steps: readonly PreparedStep[];
  readonly #names: readonly string[];

  /** @param names the values that are asked for */
  constructor(graph: Graph, names: readonly string[]) {
    this.#names = names;
    const prepared: PreparedStep[] = [];
    this.steps = prepared;
    try {
      for (const step of fuseGraph(graph, names)) {
        const { tensors, run } = step.operation.prepare();
        // Kept even within `tf.tidy`.
        for (const tensor of tensors) tf.keep(tensor);
        prepared.push({ ...step, tensors, run });
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * @param inputs stay the caller's
   * @param compute gives a step's result; by default what it computes
   * @returns in the order of the names; owned by the caller
   */
  run(
    inputs: readonly tf.Tensor[],
    compute: (step: PreparedStep, inputs: tf.Tensor[]) => tf.Tensor = (step, taken) => step.run(taken),
  ): tf.Tensor[] {
    return runSteps(this.steps, inputs, this.#names, compute);
  }

  /** Frees the copies. */
  dispose(): void {
    for (const { tensors } of this.steps) tf.dispose([...tensors]);
  }
}
