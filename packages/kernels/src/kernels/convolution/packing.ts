import type { TensorInfo } from '@tensorflow/tfjs-core';
import { WINOGRAD_VALUES } from '../../generated/constants.js';
import type { Context } from '../../runtime/context.js';
import { type Geometry, roundUp } from './geometry.js';

export function pack(context: Context, filter: TensorInfo, geometry: Geometry): number {
  const { inChannels, outChannels, filterHeight, filterWidth } = geometry;
  const selection = Array.from({ length: filterHeight * filterWidth }, (_, tap) => tap);
  const strides = { tapStride: inChannels * outChannels, depthStride: outChannels, columnStride: 1 };
  return packTaps(context, filter, 'direct', {
    selection,
    depth: inChannels,
    columns: outChannels,
    ...strides,
  });
}

/** The filter of the input's gradient: input and output channels are exchanged. */
export function packTransposed(
  context: Context,
  filter: TensorInfo,
  inChannels: number,
  outChannels: number,
  selection: number[],
): number {
  const strides = { tapStride: inChannels * outChannels, depthStride: 1, columnStride: outChannels };
  const layout = `transposed ${selection}`;
  return packTaps(context, filter, layout, {
    selection,
    depth: outChannels,
    columns: inChannels,
    ...strides,
  });
}

interface Packing {
  selection: number[];
  depth: number;
  columns: number;
  tapStride: number;
  depthStride: number;
  columnStride: number;
}

function packTaps(
  { runtime, filters }: Context,
  filter: TensorInfo,
  layout: string,
  { selection, ...packing }: Packing,
): number {
  const taps = selection.length;
  const panels = Math.ceil(packing.columns / 8);
  return filters.get(filter, layout, Math.max(16, 32 * panels * taps * packing.depth), (packed) => {
    const address = runtime.address(filter);
    const task = {
      ...packing,
      filter: address,
      taps,
      selection: runtime.integers('selection', selection),
      packed,
    };
    runtime.run('packing', task, panels);
  });
}

export function packWinograd(
  context: Context,
  filter: TensorInfo,
  inChannels: number,
  outChannels: number,
  isTransposed: boolean,
): number {
  const [depth, columns] = isTransposed ? [outChannels, inChannels] : [inChannels, outChannels];
  const layout = isTransposed ? 'transposed winograd' : 'winograd';
  return context.filters.get(filter, layout, 4 * WINOGRAD_VALUES * roundUp(columns, 8) * depth, (packed) => {
    const { runtime } = context;
    const tapStride = inChannels * outChannels;
    const address = runtime.address(filter);
    // For the input's gradient the filter is rotated by 180°, and input and output channels are exchanged.
    const strides = isTransposed
      ? {
          filter: address + 4 * 8 * tapStride,
          tapStride: -tapStride,
          depthStride: 1,
          columnStride: outChannels,
        }
      : { filter: address, tapStride, depthStride: outChannels, columnStride: 1 };
    runtime.run('winogradPacking', { ...strides, depth, columns, packed }, Math.ceil(columns / 8));
  });
}
