import type { BatchNorm, Conv2d, Layer, LayerOperation } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';
import { layersOf } from './layers.js';
import type { Network } from './network.js';

/** A convolution with all that is done to its result before another layer sees it. */
export interface FoldedConvolution {
  kind: 'convolution';
  conv: Conv2d;
  /** Folded into the filter and the bias. */
  norm?: BatchNorm;
  /** Whether the result of the second input is added. */
  hasResidual: boolean;
  relu: boolean;
}

/** A step of inference: what it does, with the results of which steps. */
export interface FoldedLayer {
  /** The name of the last layer in it. */
  name: string;
  inputs: readonly string[];
  /** Of its first input, for one image of the size that the network was designed for. */
  inputShape: readonly number[];
  operation:
    | FoldedConvolution
    | Exclude<LayerOperation, { kind: 'convolution' } | { kind: 'batch normalisation' }>;
}

/**
 * A network's layers for inference: normalisations folded into the convolutions before them, and additions and ReLUs made
 * part of the convolutions whose results they take.
 */
export function foldLayers(network: Network): FoldedLayer[] {
  const layers = layersOf(network);
  const consumers = new Map<string, Layer[]>();
  for (const layer of layers) {
    for (const input of layer.inputs) consumers.set(input, [...(consumers.get(input) ?? []), layer]);
  }
  /** The layer that takes the result of this one, if it is the only one, and of this kind. */
  const next = (name: string, kind: Layer['kind']) => {
    const [only, ...others] = consumers.get(name) ?? [];
    return others.length === 0 && only?.kind === kind ? only : undefined;
  };

  const places = new Map(layers.map(({ name }, place) => [name, place]));
  const taken = new Set<string>();
  const folded: FoldedLayer[] = [];
  for (const layer of layers) {
    if (taken.has(layer.name)) continue;
    if (layer.kind === 'batch normalisation') {
      throw new Error(`${layer.name} does not follow a convolution alone.`);
    }
    const { inputShape } = layer;
    if (layer.kind !== 'convolution') {
      folded.push({ name: layer.name, inputs: layer.inputs, inputShape, operation: layer });
      continue;
    }
    const operation: FoldedConvolution = {
      kind: 'convolution',
      conv: layer.module,
      hasResidual: false,
      relu: false,
    };
    let { name, inputs } = layer;
    const take = (found: Layer) => {
      taken.add(found.name);
      name = found.name;
    };
    const norm = next(name, 'batch normalisation');
    if (norm?.kind === 'batch normalisation') {
      operation.norm = norm.module;
      take(norm);
    }
    const sum = next(name, 'addition');
    if (sum && !taken.has(sum.name)) {
      operation.hasResidual = true;
      inputs = [...inputs, sum.inputs.find((input) => input !== name)!];
      take(sum);
    }
    const relu = next(name, 'relu');
    if (relu) {
      operation.relu = true;
      take(relu);
    }
    folded.push({ name, inputs, inputShape, operation });
  }
  // A convolution that took in an addition has to wait for what is added.
  return folded.sort((a, b) => places.get(a.name)! - places.get(b.name)!);
}

/** A convolution's filter and bias with the normalisation in them. Owned by the caller. */
export function foldParameters({ conv, norm }: Pick<FoldedConvolution, 'conv' | 'norm'>): {
  filter: tf.Tensor4D;
  bias?: tf.Tensor1D;
} {
  const bias = conv.bias?.variable.clone() as tf.Tensor1D | undefined;
  if (!norm) return { filter: conv.filter.clone(), ...(bias ? { bias } : {}) };
  const [filter, shift] = tf.tidy(() => {
    const { gamma, beta, epsilon } = norm.parameters;
    const { mean, variance } = norm.runningMoments;
    const scale = tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)));
    return [tf.mul(conv.filter, scale), tf.sub(beta, tf.mul(mean, scale))] as [tf.Tensor4D, tf.Tensor1D];
  });
  return { filter, bias: shift };
}
