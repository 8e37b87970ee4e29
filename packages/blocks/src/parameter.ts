import { ResnetError } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { TensorData } from './state-dict.js';

/**
 * How a tensor lies in memory and how it is stored: filters are HWIO in memory and OIHW in files, matrices
 * [in, out] in memory and [out, in] in files. The number at each place is the memory axis that is stored there.
 */
const storedAxes = { filter: [3, 2, 0, 1], matrix: [1, 0], vector: [0] } as const;

export type Layout = keyof typeof storedAxes;

/** One named tensor of a network: a learned parameter, or a buffer such as a running mean. */
export class Parameter {
  /** Owned by the parameter; disposed with it. */
  readonly variable: tf.Variable;
  readonly layout: Layout;
  /** Whether an optimiser may change it: true for parameters that are not frozen, false for buffers. */
  trainable: boolean;
  /** Whether it is kept up by the network itself and no parameter in the paper's counts. */
  readonly isBuffer: boolean;

  /** @param values row-major in the memory layout; copied */
  constructor(values: Float32Array, shape: number[], layout: Layout, options: { isBuffer?: boolean } = {}) {
    this.isBuffer = options.isBuffer ?? false;
    this.trainable = !this.isBuffer;
    this.layout = layout;
    this.variable = tf.tidy(() => tf.variable(tf.tensor(values, shape), !this.isBuffer));
  }

  /** The shape in files. */
  get storedShape(): number[] {
    return storedAxes[this.layout].map((axis) => this.variable.shape[axis]!);
  }

  /** A copy of the values, in the layout of files. */
  read(): TensorData {
    const data = tf.tidy(() => tf.transpose(this.variable, [...storedAxes[this.layout]]).dataSync());
    return { shape: this.storedShape, data: Float32Array.from(data) };
  }

  /**
   * Takes values in the layout of files; copied.
   *
   * @throws SHAPE_MISMATCH if the shape is another
   */
  write({ shape, data }: TensorData): void {
    if (String(shape) !== String(this.storedShape)) {
      throw new ResnetError('SHAPE_MISMATCH', `Expected shape [${this.storedShape}], found [${shape}].`);
    }
    const axes = storedAxes[this.layout];
    const inverse = axes.map((_, axis) => axes.indexOf(axis as never));
    tf.tidy(() => this.variable.assign(tf.transpose(tf.tensor(data, shape), inverse)));
  }

  dispose(): void {
    this.variable.dispose();
  }
}
