/** A convolution of square images by square filters, padded so that stride 1 keeps the size. */
export interface ConvolutionShape {
  batchSize: number;
  /** Rows and columns of the image. */
  size: number;
  inChannels: number;
  outChannels: number;
  /** Rows and columns of a filter. */
  filterSize: number;
  stride: number;
}

/** The convolutions of ResNets for ImageNet, on one image. */
export const imageNetShapes: ConvolutionShape[] = [
  shape(1, 56, 64, 256, 1),
  shape(1, 56, 256, 64, 1),
  shape(1, 14, 1024, 256, 1),
  shape(1, 7, 2048, 512, 1),
  shape(1, 56, 64, 64, 3),
  shape(1, 28, 128, 128, 3),
  shape(1, 14, 256, 256, 3),
  shape(1, 7, 512, 512, 3),
  shape(1, 56, 128, 128, 3, 2),
  shape(1, 224, 3, 64, 7, 2),
];

/** The convolutions of ResNets for CIFAR, on a batch as in training. */
export const cifarShapes: ConvolutionShape[] = [
  shape(128, 32, 3, 16, 3),
  shape(128, 32, 16, 16, 3),
  shape(128, 16, 32, 32, 3),
  shape(128, 8, 64, 64, 3),
  shape(128, 32, 16, 32, 3, 2),
];

/** `3x3/2 128-128 56x56 batch 1` */
export function describe({
  batchSize,
  size,
  inChannels,
  outChannels,
  filterSize,
  stride,
}: ConvolutionShape): string {
  const filter = `${filterSize}x${filterSize}${stride === 1 ? '' : `/${stride}`}`;
  return `${filter} ${inChannels}-${outChannels} ${size}x${size} batch ${batchSize}`;
}

/** What follows from a shape. Tensors are of tfjs's layout. */
export function derived(convolution: ConvolutionShape) {
  const { batchSize, size, inChannels, outChannels, filterSize, stride } = convolution;
  const padding = filterSize >> 1;
  const outSize = Math.floor((size + 2 * padding - filterSize) / stride) + 1;
  return {
    padding,
    outSize,
    xShape: [batchSize, size, size, inChannels],
    filterShape: [filterSize, filterSize, inChannels, outChannels],
    yShape: [batchSize, outSize, outSize, outChannels],
    multiplyAdds: batchSize * outSize ** 2 * filterSize ** 2 * inChannels * outChannels,
  };
}

function shape(
  batchSize: number,
  size: number,
  inChannels: number,
  outChannels: number,
  filterSize: number,
  stride = 1,
): ConvolutionShape {
  return { batchSize, size, inChannels, outChannels, filterSize, stride };
}
