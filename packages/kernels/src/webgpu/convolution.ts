import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DEPTH } from './factor.js';
import { areFloats, kernel } from './kernel.js';
import { isWhole, readMatrix, writeMatrix } from './matrix.js';
import { makeFloats, type Shader } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';
import { type Tile, tileFor } from './tile.js';
import { keyOf, runTiles, tiledProduct } from './tiled-product.js';
import {
  type ConvolutionInfo,
  convolutionOf,
  depthOf,
  GEOMETRY,
  geometryOf,
  pixelsOf,
  type WindowKind,
  windowKindOf,
  windows,
} from './windows.js';

/** What happens to the sums of a convolution: a bias or a normalization, then a residual, then ReLU. */
interface Epilogue {
  vectors?: Bias | Normalization;
  residual?: TensorInfo | undefined;
  relu?: boolean;
  epsilon?: number;
}
type Bias = { bias: TensorInfo };
type Normalization = Record<'gamma' | 'beta' | 'mean' | 'variance', TensorInfo>;

/** tf.conv2d */
export const conv2d = kernel('Conv2D', (backend, { x, filter }, attributes) =>
  convolve(backend, x, filter, convolutionOf(x.shape, filter.shape, attributes), {}),
);

/** tf.fused.conv2d, where it has no other activation than ReLU. */
export const fusedConv2d = kernel('FusedConv2D', (backend, { x, filter, bias }, attributes) => {
  const { activation = 'linear' } = attributes;
  if (activation !== 'linear' && activation !== 'relu') return undefined;
  return convolve(backend, x, filter, convolutionOf(x.shape, filter.shape, attributes), {
    ...(bias ? { vectors: { bias } } : {}),
    relu: activation === 'relu',
  });
});

/** y = relu(convolution + bias + residual), each part where asked. */
export const fusedResidualConv2d = kernel(
  'FusedResidualConv2d',
  (backend, { x, filter, bias, residual }, { relu, stride, padding, dilation }) => {
    const info = convolutionOf(x.shape, filter.shape, { strides: stride, pad: padding, dilations: dilation });
    return convolve(backend, x, filter, info, { ...(bias ? { vectors: { bias } } : {}), residual, relu });
  },
);

/** A convolution, then the normalization with given statistics, residual and ReLU. */
export const convBatchNormInference = kernel(
  'ConvBatchNormInference',
  (
    backend,
    { x, filter, residual, gamma, beta, mean, variance },
    { stride, padding, dilation, epsilon, relu },
  ) => {
    const info = convolutionOf(x.shape, filter.shape, { strides: stride, pad: padding, dilations: dilation });
    const vectors = { gamma, beta, mean, variance };
    return convolve(backend, x, filter, info, { vectors, epsilon, residual, relu });
  },
);

function convolve(
  backend: TfjsWebgpuBackend,
  x: TensorInfo,
  filter: TensorInfo,
  info: ConvolutionInfo | undefined,
  { vectors, residual, relu = false, epsilon = 0 }: Epilogue,
): TensorInfo | undefined {
  if (!info || !areFloats(x, filter, residual, ...Object.values(vectors ?? {}))) return undefined;
  const [rows, columns] = [pixelsOf(info), info.outChannels];
  const [y] = makeFloats(backend, info.outShape);
  if (rows === 0) return y;
  const tile = tileFor(rows, columns, { isDivisible: false });
  const shader = convolution({
    ...{ tile, ...windowKindOf(info), vectors: Object.keys(vectors ?? {}) },
    ...{ residual: residual !== undefined, relu },
    ...{ isWholeOut: isWhole(columns), hasTail: depthOf(info) % DEPTH > 0 },
  });
  runTiles(backend, shader, {
    buffers: { y, image: x, weights: filter, ...vectors, ...(residual ? { residual } : {}) },
    uniforms: { ...geometryOf(info), rows, depth: depthOf(info), epsilon },
    ...{ tile, rows, columns },
  });
  return y;
}

interface Kind extends WindowKind {
  tile: Tile;
  vectors: string[];
  residual: boolean;
  relu: boolean;
  /** Whether the output's channels are a multiple of four. */
  isWholeOut: boolean;
  /** Whether a window's values are not a multiple of a sum's steps. */
  hasTail: boolean;
}

/** A product of matrices: the output's pixels with their windows, and the windows' taps with the channels out. */
function convolution(kind: Kind): Shader {
  const { tile, vectors, residual, isWholeIn, isWholeOut, hasTail } = kind;
  const likeRows = [...vectors, ...(residual ? ['residual'] : [])];
  const matrixOf = (name: string) => ({
    name,
    width: 'uniforms.outChannels',
    isWhole: isWholeOut,
  });
  const inputs = ['image', 'weights', ...likeRows];
  return {
    key: keyOf('convolution', kind),
    outputs: ['y'],
    inputs: Object.fromEntries(inputs.map((name) => [name, 'f32' as const])),
    vectors: [...(isWholeIn ? ['image'] : []), ...(isWholeOut ? ['y', 'weights', ...likeRows] : [])],
    uniforms: { ...GEOMETRY, rows: 'u32', depth: 'u32', epsilon: 'f32' },
    code: () =>
      tiledProduct({
        ...{ tile, left: 'depth', right: 'side' },
        declarations: `
        ${windows(kind, { depth: 'taps', isBehind: hasTail ? '4 * index >= uniforms.depth' : undefined })}
        ${['weights', ...likeRows].map((name) => readMatrix(matrixOf(name))).join('\n')}
        ${writeMatrix(matrixOf('y'))}
        struct Tile { row: u32, column: u32, begin: u32, end: u32 }
        fn tileOf(index: u32) -> Tile {
          let across = (uniforms.outChannels + ${tile.columns - 1}) / ${tile.columns};
          return Tile(index / across, index % across, 0, uniforms.depth);
        }
        ${weights(kind)}
        ${epilogue(kind)}`,
      }),
  };
}

/** The right factor: rows of the filter, each for a channel of a tap. */
function weights({ isWholeIn, hasTail }: Kind): string {
  // Taps of channels that are no multiple of four end with rows that the filter lacks.
  const row = isWholeIn
    ? 'select(MISSING, depth, depth < uniforms.depth)'
    : `select(
        MISSING,
        depth / padded * uniforms.inChannels + depth % padded,
        depth < uniforms.depth && depth % padded < uniforms.inChannels,
      )`;
  const isChecked = !isWholeIn || hasTail;
  return `
    const MISSING = 0xffffffff;
    alias RightDepth = u32;
    fn rightDepth(depth: u32, tile: Tile) -> u32 {
      ${isWholeIn ? '' : 'let padded = (uniforms.inChannels + 3) / 4 * 4;'}
      return ${isChecked ? row : 'depth'};
    }
    fn rightAt(vector: u32, row: u32) -> vec4f { return weightsAt(row, vector); }
    fn rightHas(vector: u32, row: u32) -> bool { return ${isChecked ? 'row != MISSING' : 'true'}; }`;
}

function epilogue({ vectors, residual, relu }: Kind): string {
  const isNormalized = vectors.includes('gamma');
  const column = isNormalized
    ? `
      let scale = gammaAt(0, vector) * inverseSqrt(varianceAt(0, vector) + uniforms.epsilon);
      return Column(vector, scale, betaAt(0, vector) - meanAt(0, vector) * scale);`
    : `return Column(vector, vec4f(1f), ${vectors.includes('bias') ? 'biasAt(0, vector)' : 'vec4f()'});`;
  const values = isNormalized ? 'fma(sums, column.scale, column.shift)' : 'sums + column.shift';
  return `
    struct Column { vector: u32, scale: vec4f, shift: vec4f }
    fn columnOf(vector: u32) -> Column { ${column} }
    fn store(row: u32, column: Column, sums: vec4f, tile: Tile) {
      if (row >= uniforms.rows) { return; }
      var values = ${vectors.length > 0 ? values : 'sums'};
      ${residual ? 'values += residualAt(row, column.vector);' : ''}
      ${relu ? 'values = select(values, vec4f(), values < vec4f());' : ''}
      ySet(row, column.vector, values);
    }`;
}
