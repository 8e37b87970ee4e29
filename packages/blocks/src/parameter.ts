import { requireBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TensorData } from './state-dict.js';

/**
 * How a tensor lies in memory and how it is stored: filters are HWIO in memory and OIHW in files, matrices
 * [in, out] in memory and [out, in] in files. A flat filter is one whose last three axes are one in files.
 */
export type Layout = 'filter' | 'flat filter' | 'matrix' | 'vector';

let isSketching = false;

/**
 * Builds modules whose parameters have shapes but no values, and so need almost no memory: to compare them with weights. Nothing
 * can be computed with them.
 */
export function sketch<T>(build: () => T): T {
  const wasSketching = isSketching;
  isSketching = true;
  try {
    return build();
  } finally {
    isSketching = wasSketching;
  }
}

/** One named tensor of a network: a learned parameter, or a buffer such as a running mean. */
export class Parameter {
  readonly #variable: tf.Variable | undefined;
  #standIn: tf.Tensor | undefined;
  readonly #shape: readonly number[];
  readonly layout: Layout;
  /** Whether an optimizer may change it: true for parameters that are not frozen, false for buffers. */
  trainable: boolean;
  /** Whether the network itself updates it, as a running mean; the paper's counts of parameters leave it out. */
  readonly isBuffer: boolean;

  /**
   * @param values row-major in the memory layout; copied. Not called for a sketch
   * @throws BACKEND_MISSING if no backend runs
   */
  constructor(
    values: () => Float32Array,
    shape: number[],
    layout: Layout,
    options: { isBuffer?: boolean } = {},
  ) {
    this.isBuffer = options.isBuffer ?? false;
    this.trainable = !this.isBuffer;
    this.layout = layout;
    this.#shape = shape;
    if (isSketching) return;
    requireBackend();
    this.#variable = tf.tidy(() => tf.variable(tf.tensor(values(), shape), !this.isBuffer));
  }

  /** Owned by the parameter; disposed with it. */
  get variable(): tf.Variable {
    if (!this.#variable) throw new Error('A sketch has no values.');
    return this.#variable;
  }

  /** What layers compute with: the variable, or the tensor that `withValue` was given. */
  get value(): tf.Tensor {
    return this.#standIn ?? this.variable;
  }

  /**
   * Runs `work` with `value` as the tensor that layers compute with, for example the rounded weights. Gradients reach the variable if
   * `value` was computed from it.
   *
   * @param value of the variable's shape; stays the caller's
   */
  withValue<T>(value: tf.Tensor, work: () => T): T {
    const before = this.#standIn;
    this.#standIn = value;
    try {
      return work();
    } finally {
      this.#standIn = before;
    }
  }

  /** The shape in memory. */
  get shape(): readonly number[] {
    return this.#shape;
  }

  /** How many values it has. */
  get size(): number {
    return this.#shape.reduce((product, length) => product * length, 1);
  }

  /** The shape in files. */
  get storedShape(): number[] {
    const shape = this.#shape;
    if (this.layout === 'vector') return [...shape];
    const [taps, inputs, outputs] = this.#sizes;
    if (this.layout === 'filter') return [outputs, inputs, shape[0]!, shape[1]!];
    return [outputs, inputs * taps];
  }

  /**
   * A copy of the values at the moment of the call, in the layout of files, even if the parameter is changed or disposed before the
   * promise resolves.
   */
  async read(): Promise<TensorData> {
    const shape = this.storedShape;
    const [taps, inputs, outputs] = this.#sizes;
    // A change of the variable disposes its old values, while WebGPU may still read them.
    const held = tf.keep(this.variable.clone());
    const values = await held.data<'float32'>().finally(() => held.dispose());
    const data = new Float32Array(values.length);
    let to = 0;
    for (let output = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++) {
        let from = input * outputs + output;
        for (let tap = 0; tap < taps; tap++, from += inputs * outputs) data[to++] = values[from]!;
      }
    }
    return { shape, data };
  }

  /**
   * Takes values in the layout of files; copied.
   *
   * @throws SHAPE_MISMATCH if the shape differs
   */
  write({ shape, data }: TensorData): void {
    if (String(shape) !== String(this.storedShape)) {
      throw new ResnetError('SHAPE_MISMATCH', `Expected shape [${this.storedShape}], found [${shape}].`);
    }
    const [taps, inputs, outputs] = this.#sizes;
    const values = new Float32Array(data.length);
    let to = 0;
    for (let tap = 0; tap < taps; tap++) {
      for (let input = 0; input < inputs; input++) {
        let from = input * taps + tap;
        for (let output = 0; output < outputs; output++, from += inputs * taps) values[to++] = data[from]!;
      }
    }
    tf.tidy(() => this.variable.assign(tf.tensor(values, this.variable.shape)));
  }

  dispose(): void {
    this.#variable?.dispose();
  }

  /** The tensor as [taps, inputs, outputs] in memory, and [outputs, inputs, taps] in files. */
  get #sizes(): [taps: number, inputs: number, outputs: number] {
    const { size } = this;
    if (this.layout === 'vector') return [1, 1, size];
    const [inputs, outputs] = this.#shape.slice(-2) as [number, number];
    return [size / (inputs * outputs), inputs, outputs];
  }
}
