import * as tf from '@tensorflow/tfjs-core';
import type { Convolution3dAttributes, Pool3dAttributes } from '../../contracts/tfjs.js';
import { check } from '../../runtime/refused.js';
import { checkFloats, checkGradient, isEmpty, valuesOf } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

type Triple = [number, number, number];
/** A convolution's or a pool's sizes along its three axes. */
interface Volume {
  shape: number[];
  outShape: number[];
  window: Triple;
  strides: Triple;
  dilations: Triple;
  before: Triple;
}

/** tf.conv3d, by tfjs's kernel */
export const conv3d = kernel('Conv3D', ({ runtime, stock }, { x, filter }, attributes) => {
  checkFloats(x, filter);
  const { outShape, window } = convolutionVolume(x.shape, filter.shape, attributes);
  if (outShape.includes(0)) return runtime.output(outShape);
  check(!isEmpty(x) && !window.includes(0), 'volumes of no voxels have no convolution.');
  return stock('Conv3D', { x, filter }, attributes);
});

/** The gradient of tf.conv3d's filter, of which tfjs's kernel leaves a part out. */
export const conv3dBackpropFilter = kernel('Conv3DBackpropFilterV2', ({ runtime }, { x, dy }, attributes) => {
  checkFloats(x, dy);
  const { filterShape } = attributes;
  const volume = convolutionVolume(x.shape, filterShape, attributes);
  checkGradient(dy, volume.outShape);
  const gradient = runtime.output(filterShape);
  const [values, gradients, out] = valuesOf(runtime, x, dy, gradient);
  const [inChannels, outChannels] = [filterShape[3]!, filterShape[4]!];
  // Sums of many float32 numbers lose digits, float64 ones do not.
  const sums = new Float64Array(out.length);
  eachTap(volume, (voxel, inputVoxel, tap) => {
    let to = tap * inChannels * outChannels;
    for (let channel = 0; channel < inChannels; channel++) {
      const value = values[inputVoxel * inChannels + channel]!;
      for (let from = 0; from < outChannels; from++)
        sums[to++]! += value * gradients[voxel * outChannels + from]!;
    }
  });
  out.set(sums);
  return gradient;
});

/** The gradient of tf.conv3d's input, of which tfjs's kernel leaves a part out. */
export const conv3dBackpropInput = kernel(
  'Conv3DBackpropInputV2',
  ({ runtime }, { dy, filter }, attributes) => {
    checkFloats(dy, filter);
    const volume = convolutionVolume(attributes.inputShape, filter.shape, attributes);
    checkGradient(dy, volume.outShape);
    const dx = runtime.outputOfZeros(attributes.inputShape);
    const [gradients, weights, sums] = valuesOf(runtime, dy, filter, dx);
    const [inChannels, outChannels] = [filter.shape[3]!, filter.shape[4]!];
    eachTap(volume, (voxel, inputVoxel, tap) => {
      let from = tap * inChannels * outChannels;
      for (let channel = 0; channel < inChannels; channel++) {
        let sum = 0;
        for (let out = 0; out < outChannels; out++)
          sum += gradients[voxel * outChannels + out]! * weights[from++]!;
        sums[inputVoxel * inChannels + channel]! += sum;
      }
    });
    return dx;
  },
);

/** tf.avgPool3d, by tfjs's kernel */
export const averagePool3d = kernel('AvgPool3D', ({ runtime, stock }, { x }, attributes) => {
  checkFloats(x);
  const { outShape } = poolVolume(x.shape, attributes);
  if (outShape.includes(0)) return runtime.output(outShape);
  check(!isEmpty(x), 'volumes of no voxels have no pool.');
  return stock('AvgPool3D', { x }, { ...attributes, dataFormat: 'NDHWC' });
});

/** The gradient of tf.avgPool3d's input. tfjs's divides by the whole window; the pool divides by the voxels in the volume. */
export const averagePool3dGrad = kernel('AvgPool3DGrad', ({ runtime }, { dy, input }, attributes) => {
  checkFloats(dy, input);
  const volume = poolVolume(input.shape, attributes);
  checkGradient(dy, volume.outShape);
  const dx = runtime.outputOfZeros(input.shape);
  const [gradients, sums] = valuesOf(runtime, dy, dx);
  const channels = input.shape[4]!;
  const counts = new Int32Array(channels > 0 ? gradients.length / channels : 0);
  eachTap(volume, (voxel) => void counts[voxel]!++);
  eachTap(volume, (voxel, inputVoxel) => {
    for (let channel = 0; channel < channels; channel++) {
      sums[inputVoxel * channels + channel]! += gradients[voxel * channels + channel]! / counts[voxel]!;
    }
  });
  return dx;
});

/** tf.maxPool3d; tfjs's kernel returns almost 0 where all of a window is negative. */
export const maxPool3d = kernel('MaxPool3D', ({ runtime }, { x }, attributes) => {
  checkFloats(x);
  const volume = poolVolume(x.shape, attributes);
  const y = runtime.output(volume.outShape);
  const [values, largest] = valuesOf(runtime, x, y);
  largest.fill(-Infinity);
  const channels = x.shape[4]!;
  eachTap(volume, (voxel, inputVoxel) => {
    for (let channel = 0; channel < channels; channel++) {
      const [from, to] = [inputVoxel * channels + channel, voxel * channels + channel];
      if (values[from]! > largest[to]!) largest[to] = values[from]!;
    }
  });
  return y;
});

/** The gradient of tf.maxPool3d's input: to the last largest voxel of each window, as on tfjs's `cpu`. */
export const maxPool3dGrad = kernel('MaxPool3DGrad', ({ runtime }, { dy, input }, attributes) => {
  checkFloats(dy, input);
  const volume = poolVolume(input.shape, attributes);
  checkGradient(dy, volume.outShape);
  const dx = runtime.outputOfZeros(input.shape);
  const [gradients, values, sums] = valuesOf(runtime, dy, input, dx);
  const channels = input.shape[4]!;
  const voxels = new Float64Array(gradients.length).fill(-1);
  eachTap(volume, (voxel, inputVoxel) => {
    for (let channel = 0; channel < channels; channel++) {
      const [from, to] = [inputVoxel * channels + channel, voxel * channels + channel];
      if (voxels[to]! < 0 || values[from]! >= values[voxels[to]!]!) voxels[to] = from;
    }
  });
  for (const [index, voxel] of voxels.entries()) if (voxel >= 0) sums[voxel]! += gradients[index]!;
  return dx;
});

function poolVolume(
  shape: number[],
  { filterSize, strides, pad, dimRoundingMode, dataFormat = 'NDHWC' }: Pool3dAttributes,
): Volume {
  check(shape.length === 5, 'volumes have five axes.');
  check(dataFormat === 'NDHWC', 'the layout must be NDHWC.');
  return volumeOf(
    tf.backend_util.computePool3DInfo(shape as never, filterSize, strides, 1, pad, dimRoundingMode, 'NDHWC'),
  );
}

function convolutionVolume(
  shape: number[],
  filterShape: number[],
  attributes: Convolution3dAttributes,
): Volume {
  const { strides, pad, dilations = 1, dataFormat = 'NDHWC' } = attributes;
  check(shape.length === 5 && filterShape.length === 5, 'volumes and filters have five axes.');
  check(dataFormat === 'NDHWC', 'the layout must be NDHWC.');
  check(shape[4] === filterShape[3], "the volume's channels are not those of the filter.");
  return volumeOf(
    tf.backend_util.computeConv3DInfo(shape as never, filterShape as never, strides, dilations, pad),
  );
}

function volumeOf(info: tf.backend_util.Conv3DInfo): Volume {
  const window: Triple = [info.filterDepth, info.filterHeight, info.filterWidth];
  const strides: Triple = [info.strideDepth, info.strideHeight, info.strideWidth];
  const dilations: Triple = [info.dilationDepth, info.dilationHeight, info.dilationWidth];
  const before: Triple = [info.padInfo.front, info.padInfo.top, info.padInfo.left];
  const isNatural = (value: number, least: number) =>
    Number.isSafeInteger(value) && value >= least && value < 2 ** 28;
  check(
    [...window, ...strides, ...dilations].every((value) => isNatural(value, 1)),
    'strides, dilations and sizes of windows are integers of at least 1.',
  );
  check(
    before.every((value) => isNatural(value, 0)),
    'padding is an integer of at least 0.',
  );
  check(
    [info.outDepth, info.outHeight, info.outWidth].every((size) => isNatural(size, 0)),
    'the window is larger than the volume.',
  );
  const shape = [info.batchSize, info.inDepth, info.inHeight, info.inWidth];
  const outShape = [info.batchSize, info.outDepth, info.outHeight, info.outWidth, info.outChannels];
  return { shape, outShape, window, strides, dilations, before };
}

/** Calls `visit` for each voxel of the output and each tap of its window, with the voxel of the input at that tap. */
function eachTap(volume: Volume, visit: (voxel: number, inputVoxel: number, tap: number) => void): void {
  const { shape, outShape, strides, dilations, before, window } = volume;
  const reach = (axis: number, voxel: number) => {
    const taps: [tap: number, at: number][] = [];
    for (let tap = 0; tap < window[axis]!; tap++) {
      const at = voxel * strides[axis]! - before[axis]! + tap * dilations[axis]!;
      if (at >= 0 && at < shape[axis + 1]!) taps.push([tap, at]);
    }
    return taps;
  };
  const taps = [0, 1, 2].map((axis) =>
    Array.from({ length: outShape[axis + 1]! }, (_, voxel) => reach(axis, voxel)),
  );
  const [, depth, height, width] = shape as [number, number, number, number];
  let voxel = 0;
  for (let image = 0; image < shape[0]!; image++) {
    for (const deep of taps[0]!) {
      for (const down of taps[1]!) {
        for (const across of taps[2]!) {
          for (const [a, z] of deep) {
            for (const [b, row] of down) {
              for (const [c, column] of across) {
                const inputVoxel = ((image * depth + z) * height + row) * width + column;
                visit(voxel, inputVoxel, (a * window[1]! + b) * window[2]! + c);
              }
            }
          }
          voxel++;
        }
      }
    }
  }
}
