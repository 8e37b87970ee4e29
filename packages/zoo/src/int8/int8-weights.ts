import { type FoldedWeights, fuseGraph, graphOf, type Step } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../networks/network.js';
import { type ActivationRanges, rangeOf } from './activation-ranges.js';
import { int8FormOf, keepsRange } from './form-of.js';

/** A convolution's weights in bytes: weight = byte · scale of its output channel. */
export interface Int8Layer {
  /** [height, width, inChannels, outChannels] */
  shape: readonly number[];
  filter: Int8Array;
  scales: Float32Array;
  bias: Float32Array;
}

/** All numbers of a quantized network. */
export interface Int8Weights {
  ranges: ActivationRanges;
  /** By the name of the convolution or the fully connected layer. */
  layers: ReadonlyMap<string, Int8Layer>;
}

/** The steps that a network is computed in, and the name of the last one. */
export function stepsOf(network: Network): { steps: Step[]; output: string } {
  const { graph, output } = graphOf(network, network.inputShape);
  return { steps: fuseGraph(graph, [output.name]), output: output.name };
}

/** Of a bias in units of the sums, which with it must fit in 32 bits. */
export const LARGEST_BIAS = 2 ** 30;

/**
 * Quantizes a network's weights for given ranges of its values.
 *
 * @throws OPTION_INVALID if there is no range for a value
 */
export async function quantizeWeights(network: Network, found: ActivationRanges): Promise<Int8Weights> {
  const ranges = new Map([['input', rangeOf(found, 'input')]]);
  const layers = new Map<string, Int8Layer>();
  for (const { name, first, inputs, operation } of stepsOf(network).steps) {
    const form = int8FormOf(operation);
    ranges.set(name, keepsRange(form) ? ranges.get(inputs[0]!)! : rangeOf(found, name));
    if (form?.kind !== 'convolution') continue;
    layers.set(first, await quantizeLayer(form.weights(), ranges.get(inputs[0]!)!.scale));
  }
  return { ranges, layers };
}

async function quantizeLayer({ filter, bias }: FoldedWeights, inputScale: number): Promise<Int8Layer> {
  const { shape } = filter;
  const values = await filter.data();
  const offsets = await bias?.data();
  tf.dispose([filter, ...(bias ? [bias] : [])]);
  const channels = shape[3];
  const scales = new Float32Array(channels);
  for (let index = 0; index < values.length; index++) {
    const size = Math.abs(values[index]!);
    if (size > scales[index % channels]!) scales[index % channels] = size;
  }
  for (let channel = 0; channel < channels; channel++) {
    // A channel of small weights needs a unit in which its bias fits in 32 bits.
    const least = Math.abs(offsets?.[channel] ?? 0) / inputScale / LARGEST_BIAS;
    scales[channel] = Math.max(scales[channel]! / 127, least) || 1;
  }
  const bytes = Int8Array.from(values, (value, index) => Math.round(value / scales[index % channels]!));
  return {
    shape,
    filter: bytes,
    scales,
    bias: Float32Array.from(scales, (_, channel) => offsets?.[channel] ?? 0),
  };
}

/** The bias in units of the sums, which are products of the input's and the weights' scales. */
export function integerBias({ scales, bias }: Int8Layer, inputScale: number): Int32Array {
  return Int32Array.from(bias, (value, channel) => Math.round(value / (scales[channel]! * inputScale)));
}
