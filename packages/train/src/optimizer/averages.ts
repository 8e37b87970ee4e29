import { type Module, Parameter, readParameters, type StateDict } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';

/** Exponential moving averages of a network's parameters and running statistics. */
export class Averages {
  readonly #averages: { name: string; variable: tf.Variable; average: Parameter }[];

  /**
   * Starts from the network's values.
   *
   * @param kept how much of the averages a step keeps, 0 to below 1
   */
  constructor(
    private readonly network: Module,
    private readonly kept: number,
  ) {
    this.#averages = [...network.namedParameters()].map(([name, { variable, layout }]) => {
      const average = new Parameter(() => new Float32Array(variable.size), variable.shape, layout, {
        isBuffer: true,
      });
      average.variable.assign(variable);
      return { name, variable, average };
    });
  }

  /** Adds the network's values after a step. */
  update(): void {
    tf.tidy(() => {
      for (const { variable, average } of this.#averages) {
        const kept = tf.mul(average.variable, this.kept);
        average.variable.assign(tf.add(kept, tf.mul(variable, 1 - this.kept)));
      }
    });
  }

  /** Swaps the network's values with the averages; a second call undoes that. */
  exchange(): void {
    tf.tidy(() => {
      for (const { variable, average } of this.#averages) {
        const value = variable.clone();
        variable.assign(average.variable);
        average.variable.assign(value);
      }
    });
  }

  /** A copy of the averages, under the names of the network's parameters, as they are at the moment of the call. */
  stateDict(): Promise<StateDict> {
    return readParameters(this.#averages.map(({ name, average }) => [name, average] as const));
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
