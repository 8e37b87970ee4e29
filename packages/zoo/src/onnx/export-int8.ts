import type { Int8Range } from '@resnet/backend';
import type { Int8Form } from '@resnet/blocks';
import { checkIsInt8, type Int8Model, toOihw } from '../int8/file.js';
import type { Int8Step } from '../int8/int8-network.js';
import { type Int8Layer, integerBias } from '../int8/int8-weights.js';
import { packMetadata } from '../model/model.js';
import { encodeOnnx } from './encode.js';
import { OPSET } from './export.js';
import { GraphWriter } from './graph-writer.js';

/**
 * A quantized network as an ONNX model of opset 17 in QDQ form, which ONNX Runtime computes with int8 kernels: every value goes
 * through QuantizeLinear and DequantizeLinear, weights are int8 with a scale for each output channel. Inputs, outputs and metadata
 * are those of `exportOnnx`, but images are of the network's size.
 *
 * @throws LAYER_UNSUPPORTED if the network has layers that are computed in float32
 */
export async function exportInt8Onnx(model: Omit<Int8Model, 'origin'>): Promise<Uint8Array> {
  const { network } = model;
  checkIsInt8(network);
  const writer = new Int8GraphWriter();
  const { ranges, layers } = network.weights;
  writer.roundToBytes('images', 'input', ranges.get('input')!);
  const last = network.steps.at(-1)!;
  for (const step of network.steps) {
    if (step.form?.kind === 'convolution') {
      const inputScale = ranges.get(step.inputs[0]!)!.scale;
      writer.convolution(step, step.form, layers.get(step.first)!, inputScale);
    } else if (step.form?.kind === 'average pool') {
      writer.node('GlobalAveragePool', exact(step.name), step.inputs);
    } else step.operation.toOnnx(writer, exact(step.name), step.inputs);
    if (step !== last) writer.roundToBytes(exact(step.name), step.name, step.range);
  }
  writer.node('Flatten', 'logits', [exact(last.name)], { axis: 1 });
  const { name, classes } = network.architecture;
  const [height, width, channels] = network.inputShape;
  return encodeOnnx({
    opset: OPSET,
    producer: '@resnet/zoo',
    metadata: packMetadata(model),
    graphName: name,
    nodes: writer.nodes,
    constants: await Promise.all(writer.constants),
    inputs: [{ name: 'images', shape: ['batch', channels, height, width] }],
    outputs: [{ name: 'logits', shape: ['batch', classes] }],
  });
}

/** The name of a value before it is rounded. */
function exact(name: string): string {
  return `${name}.exact`;
}

class Int8GraphWriter extends GraphWriter {
  /** `to` is what bytes keep of `from`. */
  roundToBytes(from: string, to: string, { scale, zero }: Int8Range): void {
    const constants = [
      this.constant({ name: `${to}.scale`, shape: [], data: Float32Array.of(scale) }),
      this.constant({ name: `${to}.zero`, shape: [], data: Uint8Array.of(zero) }),
    ];
    this.node('QuantizeLinear', `${to}.bytes`, [from, ...constants]);
    this.node('DequantizeLinear', to, [`${to}.bytes`, ...constants]);
  }

  convolution(
    { name, first, inputs: [x, residual] }: Int8Step,
    { geometry, relu, filterShape }: Extract<Int8Form, { kind: 'convolution' }>,
    layer: Int8Layer,
    inputScale: number,
  ): void {
    const { stride, padding, dilation = 1 } = geometry;
    const { scales } = layer;
    const shape = [scales.length];
    const weight = this.#constants(`${first}.weight`, toOihw(layer), scales);
    const bias = { shape, data: integerBias(layer, inputScale) };
    const biasScales = scales.map((scale) => scale * inputScale);
    const result = exact(name);
    const [sum, convolved] = [`${name}.sum`, `${name}.convolution`];
    this.node(
      'Conv',
      relu || residual !== undefined ? convolved : result,
      [x!, weight, this.#constants(`${first}.bias`, bias, biasScales)],
      {
        kernel_shape: filterShape.slice(0, 2),
        strides: [stride, stride],
        pads: Array<number>(4).fill(padding),
        dilations: [dilation, dilation],
      },
    );
    if (residual !== undefined) this.node('Add', relu ? sum : result, [convolved, residual]);
    if (relu) this.node('Relu', result, [residual === undefined ? convolved : sum]);
  }

  /** Integers with a scale for each of their first axis. */
  #constants(
    name: string,
    values: { shape: number[]; data: Int8Array | Int32Array },
    scales: Float32Array,
  ): string {
    const { shape, data } = values;
    const channels = [scales.length];
    const zeros = data instanceof Int8Array ? new Int8Array(scales.length) : new Int32Array(scales.length);
    this.node(
      'DequantizeLinear',
      `${name}.values`,
      [
        this.constant({ name, shape, data }),
        this.constant({ name: `${name}.scale`, shape: channels, data: scales }),
        this.constant({ name: `${name}.zero`, shape: channels, data: zeros }),
      ],
      { axis: 0 },
    );
    return `${name}.values`;
  }
}
