/** The sizes of a convolution or a pool: windows of an image, `stride` apart, whose taps lie `dilation` apart. */
export interface Windows {
  images: number;
  height: number;
  width: number;
  inChannels: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padTop: number;
  padLeft: number;
  outHeight: number;
  outWidth: number;
}

export const ONE_STEP = { strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 };

export function tapsOf({ filterHeight, filterWidth }: Windows): number {
  return filterHeight * filterWidth;
}

export type Padding = number | 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];

/** Padding before the image, and windows, along one axis. */
interface Axis {
  before: number;
  count: number;
}

/** Where windows of a size, taps and the gaps between them, lie; by TensorFlow's rules. */
function axis(size: number, window: number, stride: number, padding: 'same' | [number, number]): Axis {
  if (padding === 'same') {
    const count = Math.ceil(size / stride);
    const missing = Math.max(0, (count - 1) * stride + window - size);
    return { before: Math.floor(missing / 2), count };
  }
  const [before, after] = padding;
  return { before, count: Math.floor((before + size + after - window) / stride) + 1 };
}

type Sizes = Omit<Windows, 'padTop' | 'padLeft' | 'outHeight' | 'outWidth'>;

/** Adds what follows from the padding. */
export function placeWindows(sizes: Sizes, padding: Padding): Windows {
  const windowHeight = (sizes.filterHeight - 1) * sizes.dilationHeight + 1;
  const windowWidth = (sizes.filterWidth - 1) * sizes.dilationWidth + 1;
  const [down, across] = paddingOfAxes(padding);
  const rows = axis(sizes.height, windowHeight, sizes.strideHeight, down);
  const columns = axis(sizes.width, windowWidth, sizes.strideWidth, across);
  return {
    ...sizes,
    padTop: rows.before,
    padLeft: columns.before,
    outHeight: rows.count,
    outWidth: columns.count,
  };
}

function paddingOfAxes(padding: Padding): ['same' | [number, number], 'same' | [number, number]] {
  if (padding === 'same') return ['same', 'same'];
  if (padding === 'valid') return paddingOfAxes(0);
  if (typeof padding !== 'number') return [padding[1], padding[2]];
  return [
    [padding, padding],
    [padding, padding],
  ];
}
