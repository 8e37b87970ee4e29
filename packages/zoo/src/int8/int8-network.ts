import {
  dequantizeInt8,
  type Int8Range,
  int8AveragePool,
  int8Conv2d,
  int8MaxPool,
  int8SubsamplePad,
  int8Tensor,
  loadInt8,
  quantizeInt8,
} from '@resnet/backend';
import { type Int8Form, lastUses, type Prepared, type Step } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from '../inference/classifier.js';
import type { Architecture, Network } from '../networks/network.js';
import { givesLogits, int8FormOf } from './form-of.js';
import { type Int8Weights, integerBias, stepsOf } from './int8-weights.js';

/** A value on its way through the network: in bytes, in float32, or in both where both were asked for. */
export interface Value {
  range: Int8Range;
  /** [count, height, width, channels]; of a vector [count, 1, 1, features] */
  bytes?: tf.Tensor4D;
  floats?: tf.Tensor;
}

/** What a step computes with. */
interface Layer {
  filter: tf.Tensor4D;
  scale: tf.Tensor1D;
  bias: tf.Tensor1D;
}

export interface Int8Step extends Step {
  form: Int8Form | undefined;
  range: Int8Range;
  layer?: Layer;
  /** In float32, where there is no form for bytes. */
  prepared?: Prepared;
  spent: readonly string[];
}

/**
 * A network whose convolutions, additions and poolings are computed with bytes: weights of 8 bits for each output channel,
 * activations of 8 bits. Made by `quantize` and `openInt8`. Layers that don't say how they are computed with bytes are computed in
 * float32.
 */
export class Int8Network implements Classifier {
  readonly architecture: Architecture;
  readonly inputShape: readonly [number, number, number];
  /** Side of the images that such networks are designed for, in pixels. */
  readonly designSize: number;
  readonly #inputRange: Int8Range;
  readonly #output: string;
  readonly #steps: Int8Step[] = [];

  /**
   * @param network gives the steps, and the weights of those in float32; may be disposed afterwards
   * @param weights all numbers of the others
   */
  static async create(network: Network, weights: Int8Weights): Promise<Int8Network> {
    await loadInt8();
    return new Int8Network(network, weights);
  }

  private constructor(
    network: Network,
    /** All of its numbers, as they are in a file. */
    readonly weights: Int8Weights,
  ) {
    this.architecture = network.architecture;
    this.inputShape = network.inputShape;
    this.designSize = network.designSize;
    this.#inputRange = weights.ranges.get('input')!;
    const { steps, output } = stepsOf(network);
    this.#output = output;
    const spent = lastUses(steps, new Set(['input', output]));
    try {
      for (const [index, step] of steps.entries()) {
        const form = int8FormOf(step.operation);
        const range = weights.ranges.get(step.name)!;
        const added: Int8Step = { ...step, form, range, spent: spent[index]! };
        this.#steps.push(added);
        if (form?.kind === 'convolution') added.layer = this.#layerOf(added);
        else if (!form) {
          added.prepared = step.operation.prepare();
          // They stay, even if this happens within `tf.tidy`.
          for (const tensor of added.prepared.tensors) tf.keep(tensor);
        }
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @internal For who writes it. */
  get steps(): readonly Int8Step[] {
    return this.#steps;
  }

  /** The names of the steps that are computed in float32. */
  get floatSteps(): readonly string[] {
    return this.#steps.filter(({ form }) => !form).map(({ name }) => name);
  }

  /** The weights and biases, with normalizations in them. */
  parameterCount(): number {
    let count = 0;
    for (const { filter, bias } of this.weights.layers.values()) count += filter.length + bias.length;
    return count;
  }

  async infer(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    return this.forward(x);
  }

  /** @returns logits, [count, classes]; owned by the caller */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const logits = this.#run(x, ([height, width]) => [height, width]);
      return tf.reshape(logits, [x.shape[0], this.architecture.classes]);
    });
  }

  /** @throws LAYER_UNSUPPORTED if a layer that is computed in float32 makes a vector of a map */
  async inferMap(x: tf.Tensor4D): Promise<tf.Tensor4D> {
    return tf.tidy(() => this.#run(x, (_, designed) => designed));
  }

  dispose(): void {
    for (const { layer, prepared } of this.#steps) {
      tf.dispose([...(layer ? Object.values(layer) : []), ...(prepared?.tensors ?? [])]);
    }
  }

  /**
   * @param window of the average pooling, by the size of the map that it gets and by that of the network
   * @returns [count, rows, columns, classes]
   */
  #run(
    x: tf.Tensor4D,
    window: (map: [number, number], designed: [number, number]) => [number, number],
  ): tf.Tensor4D {
    const values = new Map<string, Value>([['input', { range: this.#inputRange, floats: x }]]);
    for (const step of this.#steps) {
      const inputs = step.inputs.map((input) => values.get(input)!);
      values.set(step.name, compute(step, inputs, givesLogits(step, step.form, this.#output), window));
      // Before the end of the scope, or all of a network's maps would be in memory at once.
      for (const input of step.spent) {
        const { bytes, floats } = values.get(input)!;
        tf.dispose([...(bytes ? [bytes] : []), ...(floats ? [floats] : [])]);
        values.delete(input);
      }
    }
    const { bytes: _, floats, range } = values.get(this.#output)!;
    const result = floats ?? dequantizeInt8(bytesOf(values.get(this.#output)!), range);
    return (result.rank === 4 ? result : tf.reshape(result, [x.shape[0], 1, 1, -1])) as tf.Tensor4D;
  }

  #layerOf(step: Int8Step): Layer {
    const { name, first, inputs, form } = step;
    const layer = this.weights.layers.get(first)!;
    const { shape, filter, scales } = layer;
    const { scale: inputScale } = this.weights.ranges.get(inputs[0]!)!;
    const unit = givesLogits(step, form, this.#output) ? 1 : this.weights.ranges.get(name)!.scale;
    return {
      filter: tf.keep(int8Tensor(filter, [...shape]) as tf.Tensor4D),
      scale: tf.keep(tf.tensor1d(scales.map((scale) => (scale * inputScale) / unit))),
      bias: tf.keep(tf.tensor1d(integerBias(layer, inputScale), 'int32')),
    };
  }
}

/** @internal What a step gives. `window` as in `#run`. */
export function compute(
  step: Int8Step,
  inputs: Value[],
  isFloat: boolean,
  window: (map: [number, number], designed: [number, number]) => [number, number],
): Value {
  const { form, range, layer } = step;
  if (!form) return { range, floats: computeFloats(step, inputs) };
  const [x, residual] = inputs;
  const bytes = bytesOf(x!);
  const { zero: inputZero } = x!.range;
  const { zero } = range;
  if (form.kind === 'convolution') {
    const { stride, padding, dilation = 1 } = form.geometry;
    const y = int8Conv2d(bytes, layer!.filter, layer!.scale, layer!.bias, {
      ...{ stride, padding, dilation, inputZero, zero, relu: form.relu, isFloat },
      residual: residual && bytesOf(residual),
      residualZero: residual?.range.zero ?? 0,
      residualScale: residual ? residual.range.scale / range.scale : 0,
    });
    return isFloat ? { range, floats: y } : { range, bytes: y };
  }
  if (form.kind === 'max pool') {
    const { size, stride, padding } = form;
    return { range, bytes: int8MaxPool(bytes, { size, stride, padding }) };
  }
  if (form.kind === 'subsample') {
    const { stride, channels } = form;
    return { range, bytes: int8SubsamplePad(bytes, { stride, channels, zero }) };
  }
  const [height, width] = step.inputShapes[0] as [number, number, number];
  const [, mapHeight, mapWidth] = bytes.shape;
  const size = window([mapHeight, mapWidth], [height, width]);
  const scale = x!.range.scale / (range.scale * size[0] * size[1]);
  return { range, bytes: int8AveragePool(bytes, { window: size, inputZero, scale, zero }) };
}

function computeFloats({ name, inputShapes, outputShape, prepared }: Int8Step, inputs: Value[]): tf.Tensor {
  const taken = inputs.map((input, index) => {
    const floats = floatsOf(input);
    if (inputShapes[index]!.length === 3 || floats.rank === 2) return floats;
    const [count, rows, columns, features] = floats.shape as [number, number, number, number];
    return tf.reshape(floats, [count * rows * columns, features]);
  });
  const isVector = outputShape.length === 1;
  if (isVector && inputs.some((input, index) => isLarger(input, inputShapes[index]!))) {
    throw new ResnetError(
      'LAYER_UNSUPPORTED',
      `The layer ${name} is computed in float32 and gives a vector of the whole image: test images at the size of the network.`,
    );
  }
  const result = prepared!.run(taken);
  return taken.includes(result) ? result.clone() : result;
}

/** Whether a value is that of a larger image than the network is made for. */
function isLarger({ bytes, floats }: Value, shape: readonly number[]): boolean {
  const { shape: found } = bytes ?? floats!;
  const [, rows = 1, columns = 1] = found.length === 4 ? found : [];
  const [height, width] = shape.length === 3 ? shape : [1, 1];
  return rows !== height || columns !== width;
}

function bytesOf(value: Value): tf.Tensor4D {
  if (!value.bytes) {
    const floats = value.floats!;
    const map = floats.rank === 4 ? floats : tf.reshape(floats, [floats.shape[0]!, 1, 1, -1]);
    value.bytes = quantizeInt8(map as tf.Tensor4D, value.range);
  }
  return value.bytes;
}

function floatsOf(value: Value): tf.Tensor {
  value.floats ??= dequantizeInt8(value.bytes!, value.range);
  return value.floats;
}
