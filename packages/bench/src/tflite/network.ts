import { fuseGraph, graphOf, type Int8Form, type Step } from '@resnet/blocks';
import type { Int8Layer, Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { type ByteRange, quantizedNetwork, rangesBeforeAdditions } from '../networks/quantized.js';
import type { Quantization } from './encode.js';
import { TfliteGraph, type TfliteLayer, type TfliteValue } from './graph.js';

/** All numbers of a network's file. */
interface Numbers {
  /** Of the value of a step, of the images ('input'), or of what a step adds to ('NAME.sum'); undefined in float32. */
  rangeOf(name: string): Quantization | undefined;
  layerOf(step: Step, form: Convolution): TfliteLayer;
}

type Convolution = Extract<Int8Form, { kind: 'convolution' }>;

/** A network in float32 as a file for TensorFlow Lite, for so many images at a time: [count, height, width, 3]. */
export function tfliteOf(network: Network, count: number): Uint8Array {
  return write(network, count, {
    rangeOf: () => undefined,
    layerOf: (_, form) => {
      const { filter, bias } = form.weights();
      const values = filter.dataSync<'float32'>();
      const offsets = bias?.dataSync<'float32'>() ?? new Float32Array(filter.shape[3]);
      const layer: TfliteLayer = {
        filter: { type: 'Float32Array', ...outputsFirst(filter.shape, values) },
        bias: { type: 'Float32Array', shape: [offsets.length], data: offsets },
      };
      tf.dispose([filter, ...(bias ? [bias] : [])]);
      return layer;
    },
  });
}

/** The same of the network in 8 bits, with the numbers of this project's; images and logits are floats. */
export async function int8TfliteOf(network: Network, count: number): Promise<Uint8Array> {
  const quantized = await quantizedNetwork(network);
  const { ranges, layers } = quantized.weights;
  quantized.dispose();
  const sums = await rangesBeforeAdditions(network);
  return write(network, count, {
    rangeOf: (name) => signed(sums.get(name) ?? ranges.get(name)!),
    layerOf: ({ first, inputs }) => quantizedLayer(layers.get(first)!, ranges.get(inputs[0]!)!.scale),
  });
}

/** Signed bytes are 128 less than this project's. */
function signed({ scale, zero }: ByteRange): Quantization {
  return { scales: [scale], zero: zero - 128 };
}

function quantizedLayer({ shape, filter, scales, bias }: Int8Layer, inputScale: number): TfliteLayer {
  const units = scales.map((scale) => scale * inputScale);
  const data = Int32Array.from(bias, (value, channel) => Math.round(value / units[channel]!));
  return {
    filter: { type: 'Int8Array', ...outputsFirst(shape, filter), quantization: { scales, zero: 0 } },
    bias: { type: 'Int32Array', shape: [data.length], data, quantization: { scales: units, zero: 0 } },
  };
}

function write(network: Network, count: number, { rangeOf, layerOf }: Numbers): Uint8Array {
  const graph = new TfliteGraph();
  const { graph: layers, output } = graphOf(network, network.inputShape);
  const images = graph.input([count, ...network.inputShape]);
  const range = rangeOf('input');
  const values = new Map([['input', range ? graph.convert(images, 'input', range) : images]]);
  for (const step of fuseGraph(layers, [output.name])) {
    const form = step.operation.int8?.();
    if (!form) throw new Error(`${step.name} has no form for TensorFlow Lite.`);
    const [x, residual] = step.inputs.map((name) => values.get(name)!) as [TfliteValue, TfliteValue?];
    const { name, first } = step;
    const quantization = rangeOf(name);
    if (form.kind === 'convolution') {
      const layer = layerOf(step, form);
      const { relu, geometry } = form;
      if (x.shape.length === 2) values.set(name, graph.fullyConnected(x, name, layer, quantization));
      else if (residual) {
        const sum = graph.convolution(x, first, layer, {
          geometry,
          relu: false,
          quantization: rangeOf(first),
        });
        values.set(name, graph.add(sum, residual, name, { relu, quantization }));
      } else values.set(name, graph.convolution(x, name, layer, { geometry, relu, quantization }));
    } else if (form.kind === 'max pool') values.set(name, graph.maxPool(x, name, form));
    else if (form.kind === 'average pool') values.set(name, graph.mean(x, name, quantization));
    else values.set(name, subsample(graph, x, name, form));
  }
  const logits = values.get(output.name)!;
  return graph.file(images, logits.quantization ? graph.convert(logits, 'logits', undefined) : logits);
}

/** Every so many pixels, with new channels of 0: as a convolution of ones and zeros, as XNNPACK has no strided slices. */
function subsample(
  graph: TfliteGraph,
  x: TfliteValue,
  name: string,
  { stride, channels }: { stride: number; channels: number },
): TfliteValue {
  const { quantization } = x;
  const given = x.shape[3]!;
  const first = (channels - given) >> 1;
  const size = channels * given;
  const filter = quantization ? new Int8Array(size) : new Float32Array(size);
  for (let channel = 0; channel < given; channel++) filter[(first + channel) * given + channel] = 1;
  const shape = [channels, 1, 1, given];
  const layer: TfliteLayer = quantization
    ? {
        filter: {
          type: 'Int8Array',
          shape,
          data: filter,
          quantization: { scales: new Float32Array(channels).fill(1), zero: 0 },
        },
        bias: {
          ...{ type: 'Int32Array', shape: [channels], data: new Int32Array(channels) },
          quantization: { scales: new Float32Array(channels).fill(quantization.scales[0]!), zero: 0 },
        },
      }
    : {
        filter: { type: 'Float32Array', shape, data: filter },
        bias: { type: 'Float32Array', shape: [channels], data: new Float32Array(channels) },
      };
  return graph.convolution(x, name, layer, { geometry: { stride, padding: 0 }, relu: false, quantization });
}

/** A filter [height, width, in, out] as [out, height, width, in]. */
function outputsFirst<T extends Float32Array | Int8Array>(
  [height, width, inChannels, channels]: readonly number[],
  values: T,
): { shape: number[]; data: T } {
  const data = values.slice() as T;
  const inputs = height! * width! * inChannels!;
  for (let input = 0; input < inputs; input++) {
    for (let channel = 0; channel < channels!; channel++) {
      data[channel * inputs + input] = values[input * channels! + channel]!;
    }
  }
  return { shape: [channels!, height!, width!, inChannels!], data };
}
