import type { Conv2d, Layer, Parameter } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';
import { type FoldedConvolution, foldLayers, foldParameters } from '../fold.js';
import { layersOf } from '../layers.js';
import { type Model, packMetadata } from '../model.js';
import { encodeOnnx, type OnnxNode, type OnnxTensor } from './encode.js';

export interface OnnxOptions {
  /** Whether batch normalisations are folded into the convolutions before them. Default true. */
  fold?: boolean;
}

const OPSET = 17;

/**
 * A network as an ONNX model of opset 17, which ONNX Runtime, PyTorch's tools and many others run: input 'images',
 * [batch, channels, height, width], normalised, of any count and size that the network takes; output 'logits', [batch, classes].
 * What is known of normalisation and classes goes into the model's metadata, as in files of `packModel`.
 *
 * @returns the file's bytes, with the weights as they are at the moment of the call
 */
export async function exportOnnx(
  model: Omit<Model, 'origin'>,
  { fold = true }: OnnxOptions = {},
): Promise<Uint8Array> {
  const { network } = model;
  const graph = new GraphWriter();
  if (fold) {
    for (const { name, inputs, operation } of foldLayers(network)) {
      if (operation.kind === 'convolution') graph.addFolded(name, inputs, operation);
      else graph.add(operation as Layer, name, inputs);
    }
  } else {
    for (const layer of layersOf(network)) graph.add(layer, layer.name, layer.inputs);
  }
  const { name, classes, inChannels } = network.architecture;
  const last = graph.nodes.at(-1)!;
  last.outputs = ['logits'];
  return encodeOnnx({
    opset: OPSET,
    producer: '@resnet/zoo',
    metadata: packMetadata(model),
    graphName: name,
    nodes: graph.nodes,
    constants: await Promise.all(graph.constants),
    inputs: [{ name: 'images', shape: ['batch', inChannels, 'height', 'width'] }],
    outputs: [{ name: 'logits', shape: ['batch', classes] }],
  });
}

type Attributes = OnnxNode['attributes'];

/** Collects nodes and constants. Every value has the name of the layer that gives it. */
class GraphWriter {
  readonly nodes: { -readonly [Field in keyof OnnxNode]: OnnxNode[Field] }[] = [];
  readonly constants: (OnnxTensor | Promise<OnnxTensor>)[] = [];

  /** A layer as it is. */
  add(layer: Layer, name: string, layerInputs: readonly string[]): void {
    const inputs = layerInputs.map((input) => (input === 'input' ? 'images' : input));
    const constant = (part: string, parameter: Parameter) => this.#parameter(`${name}.${part}`, parameter);
    switch (layer.kind) {
      case 'convolution': {
        const { weight, bias } = layer.module;
        const parameters = [constant('weight', weight), ...(bias ? [constant('bias', bias)] : [])];
        this.#node('Conv', name, [...inputs, ...parameters], windowOf(layer.module));
        return;
      }
      case 'batch normalisation': {
        const { weight, bias, runningMean, runningVar, parameters } = layer.module;
        const values = { weight, bias, running_mean: runningMean, running_var: runningVar };
        const names = Object.entries(values).map(([part, parameter]) => constant(part, parameter));
        this.#node('BatchNormalization', name, [...inputs, ...names], {
          epsilon: { float: parameters.epsilon },
        });
        return;
      }
      case 'max pool': {
        const { size, stride, padding } = layer.module.config;
        const pads = Array<number>(4).fill(padding);
        this.#node('MaxPool', name, inputs, { kernel_shape: [size, size], strides: [stride, stride], pads });
        return;
      }
      case 'average pool':
        this.#node('GlobalAveragePool', `${name}.mean`, inputs);
        this.#node('Flatten', name, [`${name}.mean`], { axis: 1 });
        return;
      case 'fully connected': {
        const { weight, bias } = layer.module;
        this.#node('Gemm', name, [...inputs, constant('weight', weight), constant('bias', bias)], {
          transB: 1,
        });
        return;
      }
      case 'shortcut A':
        this.#addShortcut(layer, name, inputs);
        return;
      case 'addition':
        this.#node('Add', name, inputs);
        return;
      case 'relu':
        this.#node('Relu', name, inputs);
        return;
      case 'sigmoid':
        this.#node('Sigmoid', name, inputs);
        return;
      case 'gating': {
        const [transformed, gate, carried] = inputs as [string, string, string];
        this.#node('Sub', `${name}.difference`, [transformed, carried]);
        this.#node('Mul', `${name}.gated`, [gate, `${name}.difference`]);
        this.#node('Add', name, [carried, `${name}.gated`]);
      }
    }
  }

  /** A convolution with the normalisation in its filter, and what follows it. */
  addFolded(name: string, inputs: readonly string[], operation: FoldedConvolution): void {
    const { filter, bias } = foldParameters(operation);
    const [x, residual] = inputs.map((input) => (input === 'input' ? 'images' : input));
    const [sum, convolved] = [`${name}.sum`, `${name}.convolution`];
    const parameters = [
      this.#tensor(
        `${name}.weight`,
        tf.tidy(() => tf.transpose(filter, [3, 2, 0, 1])),
      ),
      ...(bias ? [this.#tensor(`${name}.bias`, bias)] : []),
    ];
    filter.dispose();
    const { relu, hasResidual, conv } = operation;
    this.#node('Conv', relu || hasResidual ? convolved : name, [x!, ...parameters], windowOf(conv));
    if (hasResidual) this.#node('Add', relu ? sum : name, [convolved, residual!]);
    if (relu) this.#node('Relu', name, [hasResidual ? sum : convolved]);
  }

  /** Every stride-th place, and zeros for the new channels, half of them on either side. */
  #addShortcut(layer: Layer & { kind: 'shortcut A' }, name: string, inputs: readonly string[]): void {
    const { stride, outChannels } = layer.module;
    const integers = (part: string, values: number[]) => this.#integers(`${name}.${part}`, values);
    const end = 2 ** 31 - 1;
    this.#node('Slice', `${name}.places`, [
      ...inputs,
      integers('starts', [0, 0]),
      integers('ends', [end, end]),
      integers('axes', [2, 3]),
      integers('steps', [stride, stride]),
    ]);
    const added = outChannels - layer.inputShape[2]!;
    const before = Math.floor(added / 2);
    const pads = integers('pads', [0, before, 0, 0, 0, added - before, 0, 0]);
    this.#node('Pad', name, [`${name}.places`, pads]);
  }

  #node(operator: string, name: string, inputs: readonly string[], attributes: Attributes = {}): void {
    this.nodes.push({ operator, name, inputs, outputs: [name], attributes });
  }

  #parameter(name: string, parameter: Parameter): string {
    const shape = onnxShape(parameter);
    this.constants.push(parameter.read().then(({ data }) => ({ name, shape, data })));
    return name;
  }

  /** Disposes the tensor once it is read. */
  #tensor(name: string, tensor: tf.Tensor): string {
    const { shape } = tensor;
    const values = tensor.data<'float32'>().finally(() => tensor.dispose());
    this.constants.push(values.then((data) => ({ name, shape, data })));
    return name;
  }

  #integers(name: string, values: number[]): string {
    this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }
}

/** The shape of a parameter in ONNX's operators: PyTorch's; a filter is always one of four axes. */
function onnxShape({ layout, storedShape, variable }: Parameter): number[] {
  if (layout !== 'flat filter') return storedShape;
  const [height, width, inChannels, outChannels] = variable.shape as [number, number, number, number];
  return [outChannels, inChannels, height, width];
}

function windowOf({ filter, stride, padding, dilation }: Conv2d): Attributes {
  const [height, width] = filter.shape;
  return {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    dilations: [dilation, dilation],
  };
}
