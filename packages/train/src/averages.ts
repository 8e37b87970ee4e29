import type { Module, StateDict } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';

/** An exponential moving average of all that a network has: parameters and running statistics. */
export class Averages {
  readonly #averages: { variable: tf.Variable; average: tf.Variable }[];

  /**
   * Begins with the values that the network has.
   *
   * @param kept how much of the averages a step keeps, 0 to below 1
   */
  constructor(
    private readonly network: Module,
    private readonly kept: number,
  ) {
    this.#averages = [...network.namedParameters()].map(([, { variable }]) => ({
      variable,
      average: tf.tidy(() => tf.variable(variable.clone(), false)),
    }));
  }

  /** Takes in what a step has made of the network. */
  update(): void {
    tf.tidy(() => {
      for (const { variable, average } of this.#averages) {
        average.assign(tf.add(tf.mul(average, this.kept), tf.mul(variable, 1 - this.kept)));
      }
    });
  }

  /** Puts the averages into the network, and what was there in their place; called again, it undoes that. */
  exchange(): void {
    tf.tidy(() => {
      for (const { variable, average } of this.#averages) {
        const value = variable.clone();
        variable.assign(average);
        average.assign(value);
      }
    });
  }

  /** A copy of the averages, under the names of the network's parameters. */
  stateDict(): StateDict {
    this.exchange();
    try {
      return this.network.stateDict();
    } finally {
      this.exchange();
    }
  }

  /** @throws WEIGHTS_MISMATCH if they are those of another network */
  loadStateDict(state: StateDict): void {
    this.exchange();
    try {
      this.network.loadStateDict(state);
    } finally {
      this.exchange();
    }
  }

  dispose(): void {
    for (const { average } of this.#averages) average.dispose();
  }
}
