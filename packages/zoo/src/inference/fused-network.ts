import { graphOf, type Layer, lastUses, PreparedGraph, type PreparedStep, type Step } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, Network } from '../networks/network.js';
import type { Classifier } from './classifier.js';

/** A network for inference alone; see `fuse`. */
export class FusedNetwork implements Classifier {
  readonly architecture: Architecture;
  readonly inputShape: readonly [number, number, number];
  readonly #prepared: PreparedGraph;
  /** The names of the steps after the last map: the pooling, and the layers from vectors to logits. */
  readonly #head: ReadonlySet<string>;

  /** Use `fuse`. */
  constructor(network: Network) {
    this.architecture = network.architecture;
    this.inputShape = network.inputShape;
    const { graph, output } = graphOf(network, network.inputShape);
    this.#prepared = new PreparedGraph(graph, [output.name]);
    this.#head = headOf(this.#prepared.steps);
  }

  /**
   * @param x [count, height, width, inChannels], normalized
   * @returns logits, [count, classes]; owned by the caller
   */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return this.#prepared.run([x])[0] as tf.Tensor2D;
  }

  async infer(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    return this.forward(x);
  }

  async inferMap(x: tf.Tensor4D): Promise<tf.Tensor4D> {
    return this.#prepared.run([x], (step, inputs) =>
      this.#head.has(step.name) ? everywhere(step, inputs) : step.run(inputs),
    )[0] as tf.Tensor4D;
  }

  /**
   * Shows what each step gives for images, and the images themselves, as 'input'.
   *
   * @param x [count, height, width, inChannels], normalized; stays the caller's
   */
  async eachValue(x: tf.Tensor4D, visit: (name: string, values: Float32Array) => void): Promise<void> {
    const values = new Map<string, tf.Tensor>([['input', x]]);
    const { steps } = this.#prepared;
    const spent = lastUses(steps, new Set(['input']));
    try {
      visit('input', await x.data<'float32'>());
      for (const [index, step] of steps.entries()) {
        const inputs = step.inputs.map((input) => values.get(input)!);
        const result = tf.tidy(() => step.run(inputs));
        values.set(step.name, inputs.includes(result) ? result.clone() : result);
        visit(step.name, await result.data<'float32'>());
        for (const input of spent[index]!) {
          values.get(input)!.dispose();
          values.delete(input);
        }
      }
    } finally {
      values.delete('input');
      tf.dispose([...values.values()]);
    }
  }

  dispose(): void {
    this.#prepared.dispose();
  }
}

/** The steps whose vectors are never combined with a map again. Those of squeeze-and-excitation are, and use the whole image. */
function headOf(steps: readonly Step[]): Set<string> {
  const head = new Set<string>();
  const meetsMap = new Set<string>();
  for (const { name, inputs, outputShape } of steps.toReversed()) {
    const isMap = outputShape.length === 3;
    if (!isMap && !meetsMap.has(name)) head.add(name);
    else for (const input of inputs) meetsMap.add(input);
  }
  return head;
}

/** A step of the head at every position of a map: a pooling as a window of the size that it has in the network. */
function everywhere({ name, inputShapes, operation, run }: PreparedStep, inputs: tf.Tensor[]): tf.Tensor {
  const [[height, width, channels] = []] = inputShapes;
  if (channels !== undefined) {
    const slide = 'slide' in operation ? (operation as Layer).slide : undefined;
    if (slide) return slide.call(operation, inputs[0] as tf.Tensor4D, [height!, width!]);
    throw new ResnetError(
      'LAYER_UNSUPPORTED',
      `The layer ${name} makes a vector of a map, and does not say how it would at each position of a larger one: give its class a method 'slide', or test images at the size of the network.`,
    );
  }
  if (inputs.some(({ rank }) => rank !== 4)) {
    throw new ResnetError(
      'LAYER_UNSUPPORTED',
      `The layer ${name} takes a vector of the whole image, which has no positions: test images at the size of the network.`,
    );
  }
  const [count, rows, columns] = inputs[0]!.shape as [number, number, number];
  const flat = inputs.map((input) => tf.reshape(input, [count * rows * columns, -1]));
  return tf.reshape(run(flat), [count, rows, columns, -1]);
}

/**
 * A network made ready for inference: normalizations are folded into the convolutions before them, and every convolution is
 * one operation with its bias, the shortcut's addition and ReLU. The weights are copied; the network may be disposed.
 *
 * @returns owns its tensors until `dispose()`
 * @throws LAYER_UNSUPPORTED from `inferMap` of a network whose pooling does not slide
 */
export function fuse(network: Network): FusedNetwork {
  return new FusedNetwork(network);
}
