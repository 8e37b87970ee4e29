import { sgdUpdate } from '@resnet/backend';
import { type Module, Parameter, readParameters, type StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type { NamedTensorMap, Scalar } from '@tensorflow/tfjs-core';

export interface SgdConfig {
  momentum: number;
  weightDecay: number;
  /** As in a recipe; 'pytorch' by default. */
  rule?: 'pytorch' | 'caffe' | 'nesterov';
  /** 'all' by default. */
  decayed?: 'all' | 'weights';
  /** False by default. */
  isDecayDecoupled?: boolean;
}

interface Slot {
  name: string;
  parameter: Parameter;
  velocity: Parameter;
}

/** Stochastic gradient descent with momentum over all trainable parameters of a network. */
export class Sgd {
  readonly #config: Required<SgdConfig>;
  readonly #slots: Slot[];
  /** The learning rate of the last step, which Caffe's rule needs; with the velocities it is the whole state. */
  lastLearningRate: number | undefined;

  /** Parameters that are frozen later on are still changed: freeze first. */
  constructor(network: Module, config: SgdConfig) {
    this.#config = { rule: 'pytorch', decayed: 'all', isDecayDecoupled: false, ...config };
    this.#slots = [...network.namedParameters()]
      .filter(([, parameter]) => parameter.trainable)
      .map(([name, parameter]) => {
        const { shape, size } = parameter.variable;
        const velocity = new Parameter(() => new Float32Array(size), shape, parameter.layout, {
          isBuffer: true,
        });
        return { name, parameter, velocity };
      });
  }

  /** What to differentiate with respect to. */
  get variables() {
    return this.#slots.map(({ parameter }) => parameter.variable);
  }

  /** What a network calls the parameter of a variable. */
  nameOf(variable: string): string | undefined {
    return this.#slots.find(({ parameter }) => parameter.variable.name === variable)?.name;
  }

  /**
   * @param gradients by the names of the variables, as `tf.variableGrads` gives them; the caller disposes them
   * @param gradientScale what they are multiplied by; 1 by default. A tensor that is not finite leaves parameters and velocities as they are
   */
  step(gradients: NamedTensorMap, learningRate: number, gradientScale: number | Scalar = 1): void {
    const { rule, decayed } = this.#config;
    const momentum = this.#config.momentum * this.#velocityFactor(learningRate);
    const isDecayed = ({ parameter }: Slot) => decayed === 'all' || parameter.variable.shape.length > 1;
    const update = (slots: Slot[], decay: number) => {
      const [weightDecay, decoupledDecay] = this.#config.isDecayDecoupled ? [0, decay] : [decay, 0];
      sgdUpdate(
        slots.map(({ parameter, velocity }) => ({
          parameter: parameter.variable,
          velocity: velocity.variable,
          gradient: gradients[parameter.variable.name]!,
        })),
        { learningRate, momentum, weightDecay, decoupledDecay, gradientScale, nesterov: rule === 'nesterov' },
      );
    };
    const undecayed = this.#slots.filter((slot) => !isDecayed(slot));
    update(this.#slots.filter(isDecayed), this.#config.weightDecay);
    update(undecayed, 0);
    this.lastLearningRate = learningRate;
  }

  /**
   * The factor of velocities when the learning rate changes. Caffe's velocities include the learning rate. Ours do not, and
   * are equivalent if they grow as much as the learning rate falls.
   */
  #velocityFactor(learningRate: number): number {
    const { lastLearningRate } = this;
    return this.#config.rule === 'caffe' && lastLearningRate !== undefined
      ? lastLearningRate / learningRate
      : 1;
  }

  /** A copy of the velocities, under the names of their parameters, as they are at the moment of the call. */
  stateDict(): Promise<StateDict> {
    return readParameters(this.#slots.map(({ name, velocity }) => [name, velocity] as const));
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
        `The optimizer's state is that of other parameters. Missing: ${missing.join(', ') || 'none'}. Unexpected: ${unexpected.join(', ') || 'none'}.`,
      );
    }
    for (const { name, velocity } of this.#slots) velocity.write(state.get(name)!);
  }

  /** Frees the velocities. */
  dispose(): void {
    for (const { velocity } of this.#slots) velocity.dispose();
  }
}
