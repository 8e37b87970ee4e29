import { conv2d, linear } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from './classifier.js';
import { type FoldedLayer, foldLayers, foldParameters } from './fold.js';
import type { Architecture, Network } from './network.js';
import { runOperation } from './run-operation.js';
import { spentValues } from './spent-values.js';

type Run = (inputs: tf.Tensor[]) => tf.Tensor;

interface Stage {
  name: string;
  inputs: readonly string[];
  /** Values that nothing needs any more behind it. */
  spent: readonly string[];
  run: Run;
  /** The same at every place of a map, for the stages that otherwise see an image as one. */
  runEverywhere?: Run;
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
    const spent = spentValues(layers);
    this.#stages = layers.map((layer, place) => {
      const run = this.#prepare(layer);
      return {
        name: layer.name,
        inputs: layer.inputs,
        spent: spent[place]!,
        run,
        ...everywhere(layer, run),
      };
    });
  }

  /**
   * @param x [count, height, width, inChannels], normalised
   * @returns logits, [count, classes]; owned by the caller
   */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return this.#run(x, ({ run }) => run) as tf.Tensor2D;
  }

  async infer(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    return this.forward(x);
  }

  async inferMap(x: tf.Tensor4D): Promise<tf.Tensor4D> {
    return this.#run(x, ({ run, runEverywhere = run }) => runEverywhere) as tf.Tensor4D;
  }

  #run(x: tf.Tensor4D, runOf: (stage: Stage) => Run): tf.Tensor {
    return tf.tidy(() => {
      const values = new Map<string, tf.Tensor>([['input', x]]);
      let result: tf.Tensor = x;
      for (const stage of this.#stages) {
        const { name, inputs, spent } = stage;
        result = runOf(stage)(inputs.map((input) => values.get(input)!));
        values.set(name, result);
        // Before the end of the scope, or all of a network's maps would be in memory at once.
        for (const input of spent) {
          values.get(input)!.dispose();
          values.delete(input);
        }
      }
      return result;
    });
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
      default:
        return (inputs) => runOperation(operation, inputs);
    }
  }
}

/** How a stage that sees an image as one goes over a map: a pooling as a window of the size that it was designed for. */
function everywhere({ operation, inputShape }: FoldedLayer, run: Run): Pick<Stage, 'runEverywhere'> {
  if (operation.kind === 'average pool') {
    const [height, width] = inputShape as [number, number];
    return { runEverywhere: ([x]) => tf.avgPool(x as tf.Tensor4D, [height, width], 1, 'valid') };
  }
  if (operation.kind !== 'fully connected') return {};
  return {
    runEverywhere: ([x]) => {
      const [count, height, width, channels] = (x as tf.Tensor4D).shape;
      const scores = run([tf.reshape(x!, [-1, channels])]);
      return tf.reshape(scores, [count, height, width, -1]);
    },
  };
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
