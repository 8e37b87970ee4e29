import { ResnetError, sgdUpdate } from '@resnet/backend';
import { type Module, Parameter, type StateDict } from '@resnet/blocks';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';

export interface SgdConfig {
  momentum: number;
  weightDecay: number;
}

/** Stochastic gradient descent with momentum over all trainable parameters of a network, by PyTorch's rule. */
export class Sgd {
  readonly #config: SgdConfig;
  readonly #slots: { name: string; parameter: Parameter; velocity: Parameter }[];

  /** Parameters that are frozen later on are still changed: freeze first. */
  constructor(network: Module, config: SgdConfig) {
    this.#config = config;
    this.#slots = [...network.namedParameters()]
      .filter(([, parameter]) => parameter.trainable)
      .map(([name, parameter]) => {
        const { shape, size } = parameter.variable;
        const velocity = new Parameter(new Float32Array(size), shape, parameter.layout, { isBuffer: true });
        return { name, parameter, velocity };
      });
  }

  /** What to differentiate with respect to. */
  get variables() {
    return this.#slots.map(({ parameter }) => parameter.variable);
  }

  /** @param gradients by the names of the variables, as `tf.variableGrads` gives them; they stay the caller's */
  step(gradients: NamedTensorMap, learningRate: number): void {
    const slots = this.#slots.map(({ parameter, velocity }) => ({
      parameter: parameter.variable,
      velocity: velocity.variable,
      gradient: gradients[parameter.variable.name]!,
    }));
    sgdUpdate(slots, { ...this.#config, learningRate });
  }

  /** A copy of the velocities, under the names of their parameters. */
  stateDict(): StateDict {
    return new Map(this.#slots.map(({ name, velocity }) => [name, velocity.read()]));
  }

  /** @throws CHECKPOINT_MISMATCH if the velocities are those of other parameters */
  loadStateDict(state: StateDict): void {
    const expected = this.#slots.map(({ name, velocity }) => `${name} [${velocity.storedShape}]`).sort();
    const found = [...state].map(([name, { shape }]) => `${name} [${shape}]`).sort();
    if (String(expected) !== String(found)) {
      const missing = expected.filter((entry) => !found.includes(entry));
      const unexpected = found.filter((entry) => !expected.includes(entry));
      throw new ResnetError(
        'CHECKPOINT_MISMATCH',
        `The optimiser's state is that of other parameters. Missing: ${missing.join(', ') || 'none'}. Unexpected: ${unexpected.join(', ') || 'none'}.`,
      );
    }
    for (const { name, velocity } of this.#slots) velocity.write(state.get(name)!);
  }

  /** Frees the velocities. */
  dispose(): void {
    for (const { velocity } of this.#slots) velocity.dispose();
  }
}
