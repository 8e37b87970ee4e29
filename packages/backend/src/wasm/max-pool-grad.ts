import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

/** What is used here of tfjs's WASM backend. */
interface WasmHeap {
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Sends each gradient to the first largest place of its window, as PyTorch does. tfjs's own kernel
 * sends it elsewhere where all of a window is negative.
 */
export function maxPoolGradKernel(
  { dy, input }: { dy: TensorInfo; input: TensorInfo },
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
  heap: WasmHeap,
): TensorInfo {
  const shape = input.shape as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = heap.makeOutput(shape, 'float32');
  // Taken after the allocation, which may move the heap.
  const [xs, dys, dxs] = [input, dy, dx].map((tensor) => heap.typedArrayFromHeap(tensor)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  dxs.fill(0);
  const [count, height, width, channels] = shape;
  const { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info;
  let from = 0;
  for (let n = 0; n < count; n++) {
    const image = n * height * width * channels;
    for (let i = 0; i < outHeight; i++) {
      const top = i * strideHeight - padInfo.top;
      for (let j = 0; j < outWidth; j++) {
        const left = j * strideWidth - padInfo.left;
        for (let c = 0; c < channels; c++, from++) {
          let place = -1;
          for (let row = Math.max(0, top); row < Math.min(height, top + filterHeight); row++) {
            for (let column = Math.max(0, left); column < Math.min(width, left + filterWidth); column++) {
              const candidate = image + (row * width + column) * channels + c;
              // The negated comparison lets NaN win, as it does in the forward pass of PyTorch.
              if (place < 0 || !(xs[candidate]! <= xs[place]!)) place = candidate;
            }
          }
          if (place >= 0) dxs[place]! += dys[from]!;
        }
      }
    }
  }
  return dx;
}
