import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { isStrings } from '../json.js';
import { outline } from '../model/build.js';
import {
  describedArchitecture,
  type Model,
  packMetadata,
  parseMetadata,
  storedNormalization,
  storedPreprocessing,
} from '../model/model.js';
import type { Weights } from '../weights/format.js';
import { arePackedRanges, type PackedRanges, packRanges, unpackRanges } from './activation-ranges.js';
import { int8FormOf, keepsRange } from './form-of.js';
import { Int8Network } from './int8-network.js';
import { type Int8Layer, type Int8Weights, LARGEST_BIAS, stepsOf } from './int8-weights.js';
import { INT8_KEY } from './is-int8.js';

/** A quantized network with all that it takes to use it. */
export type Int8Model = Model<Int8Network>;

/**
 * A quantized model as tensors and metadata for a safetensors file, some quarter of the size: for each convolution and fully
 * connected layer its weights as I8 in PyTorch's layout [out, in, height, width], 'weight_scale' [out] and 'bias' [out]; the
 * ranges of the activations are in the metadata.
 *
 * @throws LAYER_UNSUPPORTED if the network has layers that are computed in float32
 */
export function packInt8(model: Omit<Int8Model, 'origin'>): {
  tensors: Map<string, { shape: number[]; data: Float32Array | Int8Array }>;
  metadata: Record<string, string>;
} {
  const { network } = model;
  checkIsInt8(network);
  const tensors = new Map<string, { shape: number[]; data: Float32Array | Int8Array }>();
  for (const [name, layer] of network.weights.layers) {
    const channels = layer.scales.length;
    tensors.set(`${name}.weight`, toOihw(layer));
    tensors.set(`${name}.weight_scale`, { shape: [channels], data: layer.scales });
    tensors.set(`${name}.bias`, { shape: [channels], data: layer.bias });
  }
  const ranges = packRanges(network.weights.ranges);
  return { tensors, metadata: { ...packMetadata(model), [INT8_KEY]: JSON.stringify({ ranges }) } };
}

/**
 * Opens the weights of a quantized network, as `packInt8` writes them.
 *
 * @returns a network that owns its tensors until `dispose()`
 * @throws WEIGHTS_INVALID if the file's description is broken; WEIGHTS_MISMATCH if its tensors are not those of the network;
 *   UNKNOWN_NAME
 */
export async function openInt8(weights: Weights): Promise<Int8Model> {
  const { tensors, metadata } = weights;
  const described = describedArchitecture(metadata);
  const stored = parseMetadata(metadata, INT8_KEY, isDescription);
  if (!described || !stored) {
    throw new ResnetError(
      'WEIGHTS_INVALID',
      "These are no weights of a quantized network: their metadata have no 'resnet.architecture' and 'resnet.int8'. `quantize` makes such a network, and `packInt8` its file.",
    );
  }
  const { name, ...architecture } = described;
  const network = outline(name, architecture, tensors);
  const ranges = unpackRanges(stored.ranges);
  const layers = new Map<string, Int8Layer>();
  const expected = new Set<string>();
  for (const { name: step, first, inputs, operation } of stepsOf(network).steps) {
    if (!ranges.has(step) || !ranges.has('input')) {
      throw mismatch(`there is no range for ${quote(ranges.has(step) ? 'input' : step)}`);
    }
    const form = int8FormOf(operation);
    const given = ranges.get(inputs[0]!)!;
    if (keepsRange(form) && String(Object.values(given)) !== String(Object.values(ranges.get(step)!))) {
      throw mismatch(`${quote(step)} moves bytes, so its range must be that of ${quote(inputs[0]!)}`);
    }
    if (form?.kind !== 'convolution') continue;
    const layer = layerOf(weights, first, form.filterShape as FilterShape);
    if (
      layer.bias.some((bias, channel) => Math.abs(bias) > LARGEST_BIAS * layer.scales[channel]! * given.scale)
    ) {
      throw mismatch(`the bias of ${quote(first)} is too large for its scales`);
    }
    layers.set(first, layer);
    for (const part of ['weight', 'weight_scale', 'bias']) expected.add(`${first}.${part}`);
  }
  const other = [...tensors.keys()].find((tensor) => !expected.has(tensor));
  if (other !== undefined) throw mismatch(`the network has no tensor ${quote(other)}`);
  const int8: Int8Weights = { ranges, layers };
  const normalization = storedNormalization(metadata);
  const preprocessing = storedPreprocessing(metadata, network, described.imageSize);
  const classNames = parseMetadata(metadata, 'resnet.classes', isStrings);
  return {
    network: await Int8Network.create(network, int8),
    ...(normalization ? { normalization } : {}),
    ...(preprocessing ? { preprocessing } : {}),
    ...(classNames ? { classNames } : {}),
    origin: {
      network: 'the file’s own description',
      normalization: normalization ? 'the file’s own description' : 'nothing: it is not known',
      notes: [],
    },
  };
}

function layerOf({ tensors }: Weights, name: string, shape: FilterShape): Int8Layer {
  const [height, width, inChannels, channels] = shape;
  const tensorOf = (part: string, expected: readonly number[]) => {
    const tensor = tensors.get(`${name}.${part}`);
    if (!tensor) throw mismatch(`there is no tensor ${quote(`${name}.${part}`)}`);
    if (String(tensor.shape) === String(expected)) return tensor.data;
    throw mismatch(`${quote(`${name}.${part}`)} is [${tensor.shape}], expected [${expected}]`);
  };
  const values = tensorOf('weight', [channels, inChannels, height, width]);
  if (!values.every((value) => Number.isInteger(value) && value >= -128 && value <= 127)) {
    throw mismatch(`${quote(`${name}.weight`)} has values that are no signed bytes`);
  }
  const scales = tensorOf('weight_scale', [channels]);
  const bias = tensorOf('bias', [channels]);
  if (!scales.every((scale) => scale > 0 && Number.isFinite(scale)) || !bias.every(Number.isFinite)) {
    throw mismatch(`the scales and the bias of ${quote(name)} are not all finite, the scales positive`);
  }
  const filter = permuted(Int8Array.from(values), [channels, inChannels, height * width], [2, 1, 0]);
  return { shape, filter, scales, bias };
}

/** @throws LAYER_UNSUPPORTED if the network has layers that are computed in float32, which files have no room for */
export function checkIsInt8({ floatSteps: [name] }: Int8Network): void {
  if (name === undefined) return;
  throw new ResnetError(
    'LAYER_UNSUPPORTED',
    `The layer ${name} is computed in float32, which files of quantized networks have no room for. Give its class a method 'int8'.`,
  );
}

/** A filter as PyTorch and ONNX have it: [out, in, height, width]. */
export function toOihw({ shape, filter }: Int8Layer): { shape: number[]; data: Int8Array } {
  const [height, width, inChannels, channels] = shape as FilterShape;
  const data = permuted(filter, [height * width, inChannels, channels], [2, 1, 0]);
  return { shape: [channels, inChannels, height, width], data };
}

/** Values with their three axes in another order. */
function permuted(values: Int8Array, shape: readonly number[], order: readonly number[]): Int8Array {
  const strides = [shape[1]! * shape[2]!, shape[2]!, 1];
  const [a, b, c] = order.map((axis) => ({ size: shape[axis]!, stride: strides[axis]! }));
  const result = new Int8Array(values.length);
  let to = 0;
  for (let i = 0; i < a!.size; i++) {
    for (let j = 0; j < b!.size; j++) {
      for (let k = 0; k < c!.size; k++) {
        result[to++] = values[i * a!.stride + j * b!.stride + k * c!.stride]!;
      }
    }
  }
  return result;
}

type FilterShape = [height: number, width: number, inChannels: number, channels: number];

function isDescription(value: unknown): value is { ranges: PackedRanges } {
  return arePackedRanges(((value ?? {}) as { ranges?: unknown }).ranges);
}

function mismatch(problem: string): ResnetError {
  return new ResnetError('WEIGHTS_MISMATCH', `These are no weights of this quantized network: ${problem}.`);
}
