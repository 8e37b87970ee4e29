import { useBackend } from '@resnet/backend';
import type { Parameter } from '@resnet/blocks';
import { createImageNet, isImageNetName } from './imagenet.js';
import { blocksOf, type Layer, layersOf, stemOf } from './layers.js';

/** A convolution with the normalization behind it folded into its filters and a bias, in tfjs's layout. */
export interface FoldedLayer {
  filters: Float32Array;
  /** [size, size, inChannels, outChannels] */
  shape: [number, number, number, number];
  bias: Float32Array;
  stride: number;
  padding: number;
}

/** All of a network in inference, for other libraries to run. */
export interface FoldedNetwork {
  stem: FoldedLayer;
  blocks: { branch: FoldedLayer[]; projection: FoldedLayer | undefined }[];
  /** [features, classes] */
  weight: Float32Array;
  /** [classes] */
  bias: Float32Array;
}

/** The network of that name, the same weights at every call. Makes tfjs's CPU backend the current one. */
export async function foldedNetwork(name: string): Promise<FoldedNetwork> {
  if (!isImageNetName(name)) throw new Error(`${name} is no network for ImageNet.`);
  await useBackend('cpu');
  const network = createImageNet(name);
  const folded: FoldedNetwork = {
    stem: fold(stemOf(network)),
    blocks: blocksOf(network).map((block) => {
      const { branch, projection } = layersOf(block);
      return { branch: branch.map(fold), projection: projection && fold(projection) };
    }),
    weight: valuesOf(network.fc.weight),
    bias: valuesOf(network.fc.bias),
  };
  network.dispose();
  return folded;
}

function fold({ conv, norm }: Layer): FoldedLayer {
  const [gamma, beta, mean, variance] = [norm.weight, norm.bias, norm.runningMean, norm.runningVar].map(
    valuesOf,
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const scale = gamma.map(
    (value, channel) => value / Math.sqrt(variance[channel]! + norm.parameters.epsilon),
  );
  return {
    filters: valuesOf(conv.weight).map((value, index) => value * scale[index % scale.length]!),
    shape: conv.filter.shape,
    bias: beta.map((value, channel) => value - mean[channel]! * scale[channel]!),
    stride: conv.stride,
    padding: conv.padding,
  };
}

function valuesOf({ variable }: Parameter): Float32Array {
  return variable.dataSync<'float32'>();
}
