import { DEPTH } from './factor.js';
import { type Images, readImage, vectorsOf } from './image.js';
import { areFloats, kernel } from './kernel.js';
import { isWhole, readMatrix, writeMatrix } from './matrix.js';
import { makeFloats, type Shader } from './shader.js';
import { type Tile, tileFor } from './tile.js';
import { keyOf, runTiles, tiledProduct } from './tiled-product.js';
import { convolutionOf, GEOMETRY, geometryOf } from './windows.js';

/**
 * The gradient of a convolution's input. Pixels whose row and column leave the same remainders when divided by the strides are a phase:
 * they are reached by the same taps of the filter, and no pixel by others. So each phase is a product of matrices: its pixels with all
 * gradients that reach them, and these taps with the channels in.
 */
export const conv2dBackpropInput = kernel(
  'Conv2DBackpropInput',
  (backend, { dy, filter }, { inputShape, ...attributes }) => {
    if (!areFloats(dy, filter)) return undefined;
    // tfjs's gradients know no dilations.
    const info = convolutionOf(inputShape, filter.shape, { ...attributes, dilations: 1 });
    if (!info || String(info.outShape) !== String(dy.shape)) return undefined;
    const [dx] = makeFloats(backend, inputShape);
    const { batchSize, strideHeight, strideWidth, inChannels, outChannels } = info;
    const phaseHeight = Math.ceil(info.inHeight / strideHeight);
    const phaseWidth = Math.ceil(info.inWidth / strideWidth);
    const rows = batchSize * phaseHeight * phaseWidth;
    if (rows * inChannels === 0) return dx;
    const phases = strideHeight * strideWidth;
    const tile = tileFor(rows * phases, inChannels, { isDivisible: false });
    const shader = inputGradient({
      ...{ tile, isWholeOut: isWhole(outChannels), isWholeIn: isWhole(inChannels) },
      hasTail: Math.ceil(outChannels / 4) % (DEPTH / 4) > 0,
      isPoint: info.filterHeight * info.filterWidth === 1,
      isStrided: phases > 1,
    });
    runTiles(backend, shader, {
      buffers: { dx, image: dy, weights: filter },
      uniforms: { ...geometryOf(info), rows, phaseHeight, phaseWidth },
      ...{ tile, rows, columns: inChannels, times: phases },
    });
    return dx;
  },
);

interface Kind {
  tile: Tile;
  /** Whether the output's channels, and the input's, are a multiple of four. */
  isWholeOut: boolean;
  isWholeIn: boolean;
  /** Whether a tap's channels may not be a multiple of a sum's steps. */
  hasTail: boolean;
  /** Whether the filter has one tap. */
  isPoint: boolean;
  isStrided: boolean;
}

function inputGradient(kind: Kind): Shader {
  const { tile, isWholeOut, isWholeIn, hasTail, isPoint, isStrided } = kind;
  return {
    key: keyOf('inputGradient', kind),
    outputs: ['dx'],
    inputs: { image: 'f32', weights: 'f32' },
    vectors: [...(isWholeOut ? ['image', 'weights'] : []), ...(isWholeIn ? ['dx'] : [])],
    uniforms: { ...GEOMETRY, rows: 'u32', phaseHeight: 'u32', phaseWidth: 'u32' },
    code: () =>
      tiledProduct({
        ...{ tile, left: 'depth', right: 'depth' },
        declarations: `
        ${readImage(outputImages(kind), { isChecked: hasTail || isStrided || !isPoint })}
        ${readMatrix({ name: 'weights', width: 'uniforms.outChannels', isWhole: isWholeOut })}
        ${writeMatrix({ name: 'dx', width: 'uniforms.inChannels', isWhole: isWholeIn })}
        ${phases(kind)}
        alias LeftSide = Pixel;
        fn leftSide(index: u32, tile: Tile) -> Pixel {
          let position = positionOf(index);
          let first = vec2i(position.yz + tile.offset);
          return pixelAt(position.x, first.x, first.y);
        }
        alias LeftDepth = Tap;
        fn leftDepth(index: u32, tile: Tile) -> Tap {
          let step = stepOf(index, tile);
          var tap = tapAt(-i32(step.x), -i32(step.y), step.z);
          ${hasTail ? 'if (4 * index >= tile.end) { tap.row = OUTSIDE; }' : ''}
          return tap;
        }
        fn leftAt(pixel: Pixel, tap: Tap) -> vec4f { return imageAt(pixel, tap); }
        fn leftHas(pixel: Pixel, tap: Tap) -> bool { return imageHas(pixel, tap); }
        /** The first row of the filter's tap, and the vector in its rows. */
        struct RightDepth { row: u32, vector: u32, isInside: bool }
        fn rightDepth(index: u32, tile: Tile) -> RightDepth {
          let step = stepOf(index, tile);
          let tap = tile.first + step.xy * vec2u(uniforms.strideHeight, uniforms.strideWidth);
          let row = (tap.x * uniforms.filterWidth + tap.y) * uniforms.inChannels;
          return RightDepth(row, step.z, ${hasTail ? '4 * index < tile.end' : 'true'});
        }
        fn rightAt(column: u32, at: RightDepth) -> vec4f { return weightsAt(at.row + column, at.vector); }
        fn rightHas(column: u32, at: RightDepth) -> bool { return at.isInside; }`,
      }),
  };
}

const outputImages = ({ isWholeOut }: Kind): Images => ({
  height: 'uniforms.outHeight',
  width: 'uniforms.outWidth',
  channels: 'uniforms.outChannels',
  isWhole: isWholeOut,
});

/** The phases' pixels and taps, and where sums go. */
function phases(kind: Kind): string {
  const { tile, isPoint, isStrided } = kind;
  const vectors = vectorsOf(outputImages(kind));
  const step = `
    let vectors = ${vectors};
    let tap = index / vectors;
    let row = tap / tile.taps.y;
    return vec3u(row, tap - row * tile.taps.y, index - tap * vectors);`;
  const pixel = `
    let position = positionOf(row);
    let pixel = position.yz * vec2u(uniforms.strideHeight, uniforms.strideWidth) + tile.phase;
    if (pixel.x >= uniforms.inHeight || pixel.y >= uniforms.inWidth) { return; }
    dxSet((position.x * uniforms.inHeight + pixel.x) * uniforms.inWidth + pixel.y, vector, sums);`;
  return `
    struct Tile {
      row: u32, column: u32, begin: u32, end: u32,
      /** The phase, its first tap, how many taps it has, and the first pixel of dy, which is that of the first tap. */
      phase: vec2u, first: vec2u, taps: vec2u, offset: vec2u,
    }
    fn tileOf(index: u32) -> Tile {
      let strides = vec2u(uniforms.strideHeight, uniforms.strideWidth);
      let across = (uniforms.inChannels + ${tile.columns - 1}) / ${tile.columns};
      let down = index / across;
      let row = down / (strides.x * strides.y);
      let order = down - row * strides.x * strides.y;
      let phase = vec2u(order / strides.y, order % strides.y);
      let padded = phase + vec2u(uniforms.top, uniforms.left);
      let first = padded % strides;
      let filterSize = vec2u(uniforms.filterHeight, uniforms.filterWidth);
      let taps = (max(filterSize, first) - first + strides - 1) / strides;
      let end = taps.x * taps.y * ${vectors} * 4;
      return Tile(row, index - down * across, 0, end, phase, first, taps, padded / strides);
    }
    /** Of a pixel of a phase: the image, and the row and the column in the phase. */
    fn positionOf(index: u32) -> vec3u {
      let line = index / uniforms.phaseWidth;
      let image = line / uniforms.phaseHeight;
      return vec3u(image, line - image * uniforms.phaseHeight, index - line * uniforms.phaseWidth);
    }
    /** The row and the column among a phase's taps, and the vector of channels. */
    fn stepOf(index: u32, tile: Tile) -> vec3u {
      ${isPoint ? 'return vec3u(0, 0, index);' : step}
    }
    alias Column = u32;
    fn columnOf(vector: u32) -> u32 { return vector; }
    fn store(row: u32, vector: u32, sums: vec4f, tile: Tile) {
      if (row >= uniforms.rows) { return; }
      ${isStrided ? pixel : 'dxSet(row, vector, sums);'}
    }`;
}
