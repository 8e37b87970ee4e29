import { conv2d, linear } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from './classifier.js';
import { type FoldedLayer, foldLayers, foldParameters } from './fold.js';
import type { Architecture, Network } from './network.js';

type Run = (inputs: tf.Tensor[]) => tf.Tensor;

interface Stage {
  name: string;
  inputs: readonly string[];
  /** Values that nothing needs any more behind it. */
  spent: readonly string[];
  run: Run;
}

/** A network for inference alone; see `fuse`. */
export class FusedNetwork implements Classifier {
  readonly architecture: Architecture;
  readonly inputShape: readonly [number, number, number];
  readonly #stages: readonly Stage[];
  readonly #tensors: tf.Tensor[] = [];

  /** Use `fuse`. */
  constructor(network: Network) {
    this.architecture = network.architecture;
    this.inputShape = network.inputShape;
    const layers = foldLayers(network);
    const lastUses = new Map<string, number>();
    for (const [place, { inputs }] of layers.entries())
      for (const input of inputs) lastUses.set(input, place);
    this.#stages = layers.map((layer, place) => ({
      name: layer.name,
      inputs: layer.inputs,
      spent: [...new Set(layer.inputs)].filter((input) => input !== 'input' && lastUses.get(input) === place),
      run: this.#prepare(layer),
    }));
  }

  /**
   * @param x [count, height, width, inChannels], normalised
   * @returns logits, [count, classes]; owned by the caller
   */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const values = new Map<string, tf.Tensor>([['input', x]]);
      let result: tf.Tensor = x;
      for (const { name, inputs, spent, run } of this.#stages) {
        result = run(inputs.map((input) => values.get(input)!));
        values.set(name, result);
        // Before the end of the scope, or all of a network's maps would be in memory at once.
        for (const input of spent) {
          values.get(input)!.dispose();
          values.delete(input);
        }
      }
      return result as tf.Tensor2D;
    });
  }

  async infer(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    return this.forward(x);
  }

  dispose(): void {
    tf.dispose(this.#tensors);
    this.#tensors.length = 0;
  }

  /** They stay, even if the network is fused within `tf.tidy`. */
  #keep(...tensors: tf.Tensor[]): void {
    this.#tensors.push(...tensors.map((tensor) => tf.keep(tensor)));
  }

  #prepare({ operation }: FoldedLayer): Run {
    switch (operation.kind) {
      case 'convolution': {
        const { filter, bias } = foldParameters(operation);
        this.#keep(filter, ...(bias ? [bias] : []));
        const { relu, conv } = operation;
        const { geometry } = conv;
        return ([x, residual]) =>
          conv2d(x as tf.Tensor4D, filter, { ...geometry, bias, relu, residual: residual as tf.Tensor4D });
      }
      case 'fully connected': {
        const weight = operation.module.weight.variable.clone() as tf.Tensor2D;
        const bias = operation.module.bias.variable.clone() as tf.Tensor1D;
        this.#keep(weight, bias);
        return ([x]) => linear(x as tf.Tensor2D, weight, bias);
      }
      case 'max pool':
      case 'average pool':
      case 'shortcut A': {
        const { module } = operation;
        return ([x]) => module.forward(x as tf.Tensor4D);
      }
      case 'addition':
        return ([a, b]) => tf.add(a!, b!);
      case 'relu':
        return ([x]) => tf.relu(x!);
      case 'sigmoid':
        return ([x]) => tf.sigmoid(x!);
      case 'gating':
        return ([transformed, gate, x]) => tf.add(x!, tf.mul(gate!, tf.sub(transformed!, x!)));
    }
  }
}

/**
 * A network made ready for inference: normalisations are folded into the convolutions before them, and every convolution is
 * one operation with its bias, the shortcut's addition and ReLU. The weights are copied; the network may be disposed.
 *
 * @returns owns its tensors until `dispose()`
 */
export function fuse(network: Network): FusedNetwork {
  return new FusedNetwork(network);
}
