import {
  encodeTflite,
  type Field,
  type Quantization,
  type TfliteModel,
  type TfliteOperator,
  type TfliteTensor,
} from './encode.js';

const SAME = 0;
const VALID = 1;
const RELU = 1;

/** Weights and biases of a convolution or a fully connected layer, in TensorFlow Lite's layout. */
export interface TfliteLayer {
  /** [out, height, width, in] */
  filter: Pick<TfliteTensor, 'type' | 'shape' | 'data' | 'quantization'>;
  /** [out] */
  bias: Pick<TfliteTensor, 'type' | 'shape' | 'data' | 'quantization'>;
}

interface Geometry {
  stride: number;
  padding: number;
}

/** A value in the graph, which the caller keeps. */
export interface TfliteValue {
  index: number;
  shape: readonly number[];
  quantization: Quantization | undefined;
}

/** Collects the tensors and operators of a model. Values are [count, height, width, channels], or [count, features]. */
export class TfliteGraph {
  readonly #tensors: TfliteTensor[] = [];
  readonly #operators: TfliteOperator[] = [];

  /** A value that no operator gives, in float32: the images. */
  input(shape: readonly number[]): TfliteValue {
    return this.#value('images', shape, undefined);
  }

  /** Rounds a value to integers, or makes floats of them again. */
  convert(x: TfliteValue, name: string, quantization: Quantization | undefined): TfliteValue {
    const y = this.#value(name, x.shape, quantization);
    return this.#operator(quantization ? 'QUANTIZE' : 'DEQUANTIZE', [x], y, []);
  }

  convolution(
    given: TfliteValue,
    name: string,
    { filter, bias }: TfliteLayer,
    to: { geometry: Geometry; relu: boolean; quantization: Quantization | undefined },
  ): TfliteValue {
    const [channels, size] = filter.shape as [number, number];
    const { stride, padding } = to.geometry;
    // TensorFlow's SAME adds nothing before an even image where the stride is 2.
    const isSame = stride === 1 && 2 * padding === size - 1;
    const x = isSame ? given : this.#pad(given, name, padding);
    const y = this.#value(name, windows(given, channels, size, to.geometry), to.quantization);
    return this.#operator(
      'CONV_2D',
      [x, this.#constant(`${name}.filter`, filter), this.#constant(`${name}.bias`, bias)],
      y,
      [
        { slot: 0, int8: isSame ? SAME : VALID },
        { slot: 1, int32: stride },
        { slot: 2, int32: stride },
        { slot: 3, int8: to.relu ? RELU : 0 },
      ],
    );
  }

  fullyConnected(
    x: TfliteValue,
    name: string,
    { filter, bias }: TfliteLayer,
    quantization: Quantization | undefined,
  ): TfliteValue {
    const [outputs] = filter.shape as [number];
    const matrix = { ...filter, shape: [outputs, x.shape[1]!] };
    const y = this.#value(name, [x.shape[0]!, outputs], quantization);
    return this.#operator(
      'FULLY_CONNECTED',
      [x, this.#constant(`${name}.filter`, matrix), this.#constant(`${name}.bias`, bias)],
      y,
      [],
    );
  }

  add(
    a: TfliteValue,
    b: TfliteValue,
    name: string,
    to: { relu: boolean; quantization: Quantization | undefined },
  ): TfliteValue {
    const y = this.#value(name, a.shape, to.quantization);
    return this.#operator('ADD', [a, b], y, [{ slot: 0, int8: to.relu ? RELU : 0 }]);
  }

  /** The largest of each window. Padding is 0, as that of ReLU's values, which have no smaller. */
  maxPool(given: TfliteValue, name: string, to: Geometry & { size: number }): TfliteValue {
    const { size, stride, padding } = to;
    const x = this.#pad(given, name, padding);
    const y = this.#value(name, windows(given, given.shape[3]!, size, to), given.quantization);
    return this.#operator('MAX_POOL_2D', [x], y, [
      { slot: 0, int8: VALID },
      { slot: 1, int32: stride },
      { slot: 2, int32: stride },
      { slot: 3, int32: size },
      { slot: 4, int32: size },
    ]);
  }

  /** The mean of each channel: [count, channels]. */
  mean(x: TfliteValue, name: string, quantization: Quantization | undefined): TfliteValue {
    const axes = this.#integers(`${name}.axes`, [2], [1, 2]);
    const [count, , , channels] = x.shape as [number, number, number, number];
    return this.#operator('MEAN', [x, axes], this.#value(name, [count, channels], quantization), []);
  }

  /** The file of the model from the images to a value. */
  file(input: TfliteValue, output: TfliteValue): Uint8Array {
    const model: TfliteModel = {
      ...{ tensors: this.#tensors, operators: this.#operators },
      ...{ input: input.index, output: output.index },
    };
    return encodeTflite(model);
  }

  #pad(x: TfliteValue, name: string, padding: number): TfliteValue {
    if (padding === 0) return x;
    const pads = this.#integers(`${name}.pads`, [4, 2], [0, 0, padding, padding, padding, padding, 0, 0]);
    const [count, height, width, channels] = x.shape as [number, number, number, number];
    const shape = [count, height + 2 * padding, width + 2 * padding, channels];
    return this.#operator('PAD', [x, pads], this.#value(`${name}.padded`, shape, x.quantization), []);
  }

  #value(name: string, shape: readonly number[], quantization: Quantization | undefined): TfliteValue {
    return this.#tensor({ name, shape, quantization, type: quantization ? 'Int8Array' : 'Float32Array' });
  }

  #integers(name: string, shape: number[], values: number[]): TfliteValue {
    return this.#tensor({ name, shape, type: 'Int32Array', data: Int32Array.from(values) });
  }

  #constant(name: string, tensor: TfliteLayer['filter']): TfliteValue {
    return this.#tensor({ name, ...tensor });
  }

  #tensor(tensor: TfliteTensor): TfliteValue {
    const { shape, quantization } = tensor;
    return { index: this.#tensors.push(tensor) - 1, shape, quantization };
  }

  #operator(
    operator: TfliteOperator['operator'],
    inputs: TfliteValue[],
    output: TfliteValue,
    options: Field[],
  ): TfliteValue {
    this.#operators.push({
      operator,
      inputs: inputs.map(({ index }) => index),
      output: output.index,
      options,
    });
    return output;
  }
}

/** The shape of what square windows over a map give. */
function windows(
  { shape }: TfliteValue,
  channels: number,
  size: number,
  { stride, padding }: Geometry,
): number[] {
  const [count, height, width] = shape as [number, number, number];
  const over = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  return [count, over(height), over(width), channels];
}
