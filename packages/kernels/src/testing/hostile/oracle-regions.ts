import * as tf from '@tensorflow/tfjs-core';
import * as reference from '../reference-regions.js';

type Tensors = Record<string, tf.Tensor>;
// biome-ignore lint/suspicious/noExplicitAny: hostile attributes are of any type
type Attributes = any;

/** The maps of an operation: float32 of four axes, with pixels. */
function imagesOf(tensor: tf.Tensor): tf.Tensor {
  if (tensor.rank !== 4 || tensor.dtype !== 'float32') throw new Error('rank or type');
  checkShape(tensor.shape);
  return tensor;
}

function checkShape(shape: number[]): void {
  const isShape =
    Array.isArray(shape) && shape.length === 4 && shape.every((size) => Number.isInteger(size) && size >= 0);
  if (!isShape || shape[1]! * shape[2]! === 0) throw new Error('shape');
}

function checkRegions(
  { regions, rows, columns, scale, samplingRatio = 0 }: Attributes,
  images: number,
): void {
  const isWhole = (value: unknown, least: number) => Number.isInteger(value) && (value as number) >= least;
  if (!Array.isArray(regions) || regions.length % 5 !== 0 || !regions.every(Number.isFinite))
    throw new Error('regions');
  if (!isWhole(rows, 1) || !isWhole(columns, 1) || !isWhole(samplingRatio, 0) || !(scale > 0))
    throw new Error('sizes');
  const isImage = (value: number, index: number) => index % 5 !== 0 || (isWhole(value, 0) && value < images);
  if (!regions.every(isImage)) throw new Error('image');
}

function result(values: Float64Array, shape: number[], given?: tf.Tensor): tf.Tensor {
  if (given) tf.util.assertShapesMatch(given.shape, shape);
  return tf.tensor(Float32Array.from(values), shape);
}

function pooledShape(attributes: Attributes, channels: number): number[] {
  return [attributes.regions.length / 5, attributes.rows, attributes.columns, channels];
}

function checkSame(tensor: tf.Tensor, shape: number[]): tf.Tensor {
  tf.util.assertShapesMatch(tensor.shape, shape);
  if (tensor.dtype !== 'float32') throw new Error('type');
  return tensor;
}

export const regionOperations: Record<string, (inputs: Tensors, attributes: Attributes) => tf.Tensor> = {
  RoiAlign: ({ x }, attributes) => {
    const { shape } = imagesOf(x!);
    checkRegions(attributes, shape[0]!);
    return result(reference.roiAlign(shape, attributes, x!.dataSync()), pooledShape(attributes, shape[3]!));
  },
  RoiAlignGradient: ({ dy }, attributes) => {
    const { shape } = attributes;
    checkShape(shape);
    checkRegions(attributes, shape[0]!);
    const values = checkSame(dy!, pooledShape(attributes, shape[3]!)).dataSync();
    return result(reference.roiAlignGradient(shape, attributes, values), shape);
  },
  RoiMaxPool: ({ x }, attributes) => {
    const { shape } = imagesOf(x!);
    checkRegions(attributes, shape[0]!);
    return result(reference.roiMaxPool(shape, attributes, x!.dataSync()), pooledShape(attributes, shape[3]!));
  },
  RoiMaxPoolGradient: ({ dy, x, y }, attributes) => {
    const { shape } = imagesOf(x!);
    checkRegions(attributes, shape[0]!);
    const [ofY, ofDy] = [y!, dy!].map((tensor) =>
      checkSame(tensor, pooledShape(attributes, shape[3]!)).dataSync(),
    );
    return result(reference.roiMaxPoolGradient(shape, attributes, x!.dataSync(), ofY!, ofDy!), shape);
  },
  UpsampleNearest: ({ x }, { height, width }) => {
    const { shape } = imagesOf(x!);
    const values = reference.upsampleNearest(shape, height, width, x!.dataSync());
    return result(values, [shape[0]!, height, width, shape[3]!]);
  },
  UpsampleNearestGradient: ({ dy }, { shape }) => {
    checkShape(shape);
    const [images, height, width, channels, ...more] = checkSame(dy!, dy!.shape).shape as [
      number,
      number,
      number,
      number,
    ];
    if (more.length > 0 || images !== shape[0] || channels !== shape[3]) throw new Error('shape');
    return result(reference.upsampleNearestGradient(shape, height, width, dy!.dataSync()), shape);
  },
};
