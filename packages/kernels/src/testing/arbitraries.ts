import fc from 'fast-check';
import { ONE_STEP, type Padding, placeWindows, tapsOf, type Windows } from './windows.js';

/** Multiply-adds that the reference may take for one shape. */
const MOST_WORK = 2_500_000;
/** Products in one sum. Adding float32 numbers one by one is not exact to 2e-6 for many more. */
const MOST_TERMS = 1000;

/** Fewer values can happen to have next to no variance, by which no float32 normalizes exactly. */
const FEWEST_PIXELS = 8;

/** The environment variable RESNET_SHAPES multiplies the number of shapes. */
const FACTOR = Number(process.env.RESNET_SHAPES ?? 1);

/** The parameters of a property: how many shapes; always the same ones for a seed. */
export function shapes(count: number, seed: number): { numRuns: number; seed: number } {
  return { numRuns: Math.ceil(count * FACTOR), seed };
}

export interface ConvolutionCase {
  windows: Windows;
  /** As tfjs gives them to its kernels. */
  attributes: { strides: [number, number]; pad: Padding; dilations: [number, number]; dataFormat: 'NHWC' };
  seed: number;
}

export const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
export const channelNumbers = fc.oneof(
  fc.integer({ min: 1, max: 67 }),
  fc.constantFrom(1, 3, 4, 7, 8, 9, 16, 24, 32, 64, 67),
);
export const imageNumbers = fc.integer({ min: 1, max: 5 });
const small = fc.integer({ min: 1, max: 3 });
/** Now and then some that skip whole images. */
const strides = fc.oneof(
  { weight: 9, arbitrary: small },
  { weight: 1, arbitrary: fc.integer({ min: 4, max: 9 }) },
);
const pads = fc.integer({ min: 0, max: 3 });
/** Mostly small images, now and then one that takes several of the kernels' blocks. */
const lengths = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 13 }) },
  { weight: 1, arbitrary: fc.integer({ min: 14, max: 40 }) },
);
const filterLengths = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4, max: 7 }) },
);

const sizes = {
  images: imageNumbers,
  height: lengths,
  width: lengths,
  inChannels: channelNumbers,
  outChannels: channelNumbers,
};

const explicitPadding = fc.tuple(pads, pads, pads, pads).map(
  ([top, bottom, left, right]): Padding => [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ],
);

/** Everything differs along the two axes. */
const oblong = fc.record({
  ...sizes,
  filterHeight: filterLengths,
  filterWidth: filterLengths,
  strideHeight: strides,
  strideWidth: strides,
  dilationHeight: small,
  dilationWidth: small,
  padding: fc.oneof(explicitPadding, fc.constantFrom<Padding>('same', 'valid')),
});

/** With padding as one number, for which tfjs-core takes filters and strides to be the same along both axes. */
const square = fc
  .record({ ...sizes, filter: filterLengths, stride: strides, dilation: small, padding: pads })
  .map(({ filter, stride, dilation, ...rest }) => ({
    ...rest,
    filterHeight: filter,
    filterWidth: filter,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: dilation,
    dilationWidth: dilation,
  }));

/** What Winograd's algorithm is for. */
const threeByThree = (padding: fc.Arbitrary<Padding>) => {
  const moreOften = fc.oneof(channelNumbers, fc.integer({ min: 8, max: 67 }));
  return fc
    .record({ ...sizes, inChannels: moreOften, outChannels: moreOften, padding })
    .map((sizes) => ({ ...sizes, filterHeight: 3, filterWidth: 3, ...ONE_STEP }));
};

function placed(
  arbitrary: fc.Arbitrary<Parameters<typeof placeWindows>[0] & { padding: Padding }>,
  mostWork = MOST_WORK,
): fc.Arbitrary<ConvolutionCase> {
  return fc
    .tuple(arbitrary, seeds)
    .map(([{ padding, ...sizes }, seed]) => caseOf(placeWindows(sizes, padding), padding, seed))
    .filter(({ windows }) => {
      const { outHeight, outWidth, inChannels, outChannels } = windows;
      const isPossible = outHeight > 0 && outWidth > 0;
      const terms = tapsOf(windows) * Math.max(inChannels, outChannels);
      return isPossible && terms <= MOST_TERMS && workOf(windows) <= mostWork;
    });
}

/** The attributes of a layer, as @resnet/backend gives them to its operations. */
export function oursOf({ strideHeight, dilationHeight }: Windows, { pad }: ConvolutionCase['attributes']) {
  return { stride: strideHeight, padding: pad, dilation: dilationHeight };
}

function caseOf(windows: Windows, pad: Padding, seed: number): ConvolutionCase {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = windows;
  const strides: [number, number] = [strideHeight, strideWidth];
  const dilations: [number, number] = [dilationHeight, dilationWidth];
  return { windows, attributes: { strides, pad, dilations, dataFormat: 'NHWC' }, seed };
}

function workOf(windows: Windows): number {
  const { images, outHeight, outWidth, inChannels, outChannels } = windows;
  return images * outHeight * outWidth * tapsOf(windows) * inChannels * outChannels;
}

/** Convolutions as layers have them: square, with padding as one number. */
export const layers = fc.oneof(placed(square), placed(threeByThree(pads)));
export const winogradConvolutions = placed(
  threeByThree(fc.oneof(explicitPadding, fc.constantFrom<Padding>('same', 1))),
);
/** Images with so many tiles that Winograd's algorithm is taken for the filter's gradient too. */
export const largeImages = placed(
  fc
    .record({
      images: fc.integer({ min: 2, max: 5 }),
      height: fc.integer({ min: 21, max: 36 }),
      width: fc.integer({ min: 21, max: 36 }),
      inChannels: fc.integer({ min: 7, max: 18 }),
      outChannels: fc.integer({ min: 7, max: 18 }),
      padding: fc.oneof(explicitPadding, pads),
    })
    .map((sizes) => ({ ...sizes, filterHeight: 3, filterWidth: 3, ...ONE_STEP })),
  10_000_000,
);
export const convolutions = fc.oneof(placed(oblong), placed(square), winogradConvolutions);

/** Layers of networks, with more channels than the generated ones. */
export const layersOfNetworks: ConvolutionCase[] = [
  [56, 3, 64, 7, 2],
  [8, 256, 512, 3, 2],
  [8, 512, 256, 1, 1],
  [8, 256, 512, 1, 2],
  [8, 256, 256, 3, 1],
].map(([size, inChannels, outChannels, filter, stride], seed) => {
  const rest = { inChannels: inChannels!, outChannels: outChannels! };
  const filterSize = { filterHeight: filter!, filterWidth: filter! };
  const strides = { strideHeight: stride!, strideWidth: stride! };
  const padding = (filter! - 1) / 2;
  const sizes = { images: 1, height: size!, width: size!, ...rest, ...filterSize, ...ONE_STEP, ...strides };
  return caseOf(placeWindows(sizes, padding), padding, seed);
});

/** Shapes of images, with what may follow a normalization. */
export const normalizations = fc
  .record({
    images: imageNumbers,
    height: lengths,
    width: lengths,
    channels: channelNumbers,
    epsilon: fc.constantFrom(1e-5, 1e-3),
    relu: fc.boolean(),
    residual: fc.boolean(),
    seed: seeds,
  })
  .filter(({ images, height, width, channels }) => {
    const pixels = images * height * width;
    return pixels >= FEWEST_PIXELS && pixels * channels <= 60_000;
  });
export const normalizedLayers = layers.filter(({ windows: { images, outHeight, outWidth } }) => {
  return images * outHeight * outWidth >= FEWEST_PIXELS;
});

export interface PoolCase {
  windows: Windows;
  /** As tfjs gives them to its kernels. */
  attributes: { filterSize: [number, number]; strides: [number, number]; pad: Padding };
  seed: number;
}

/** Windows of pools: convolutions of one channel to the same channel, without dilations. */
export const pools = fc
  .oneof(placed(oblong), placed(square))
  .filter(({ windows: { dilationHeight, dilationWidth } }) => dilationHeight * dilationWidth === 1)
  .map(({ windows, attributes: { strides, pad }, seed }): PoolCase => {
    const filterSize: [number, number] = [windows.filterHeight, windows.filterWidth];
    return {
      windows: { ...windows, outChannels: windows.inChannels },
      attributes: { filterSize, strides, pad },
      seed,
    };
  });
