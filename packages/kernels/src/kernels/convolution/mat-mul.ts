import type { TensorInfo } from '@tensorflow/tfjs-core';
import { broadcast_util } from '@tensorflow/tfjs-core';
import type { MatMulAttributes } from '../../contracts/tfjs.js';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { isEmpty, isShape, isVector, sizeOf, valuesOf } from '../../runtime/sizes.js';
import { activate, isFused } from '../elementwise/activation.js';
import { kernel } from '../kernel.js';
import { convolve, convolveBack } from './convolution.js';
import type { Epilogue } from './epilogue.js';
import { differentiateFilter } from './filter-gradient.js';
import { matrixGeometry } from './geometry.js';

/** tf.matMul */
export const batchMatMul = kernel('BatchMatMul', (context, { a, b }, attributes) =>
  multiply(context, a, b, attributes, {}),
);

/** tf.fused.matMul; the bias is of any shape that can be added. */
export const fusedMatMul = kernel(
  '_FusedMatMul',
  (context, { a, b, bias, preluActivationWeights }, attributes) => {
    const { runtime, stock } = context;
    check(a.dtype === 'float32' && (!bias || bias.dtype === 'float32'), 'it takes float32.');
    const { transposeA, transposeB } = attributes;
    const isPlain = !transposeA && !transposeB && isDirect(a, b, attributes);
    if (isPlain && isFused(attributes) && (!bias || isVector(bias, b.shape.at(-1)!))) {
      const shift = bias ? runtime.address(bias) : 0;
      return multiply(context, a, b, attributes, { shift, relu: attributes.activation === 'relu' });
    }
    let y = multiply(context, a, b, attributes, {});
    if (bias) {
      const sum = broadcast_util.assertAndGetBroadcastShape(y.shape, bias.shape);
      check(isShape(y, sum), 'the bias is larger than the product.');
      y = stock('Add', { a: runtime.passing(y), b: bias });
    }
    return activate(context, y, attributes, preluActivationWeights);
  },
);

function multiply(
  context: Context,
  a: TensorInfo,
  b: TensorInfo,
  attributes: MatMulAttributes,
  epilogue: Epilogue,
): TensorInfo {
  const { transposeA = false, transposeB = false } = attributes;
  check(a.shape.length >= 2 && b.shape.length >= 2, 'matrices have two axes at least.');
  check(
    a.dtype === b.dtype && (a.dtype === 'float32' || a.dtype === 'int32'),
    'it takes float32, or int32, for both.',
  );
  const [rowsOfA, columnsOfA] = a.shape.slice(-2) as [number, number];
  const [rowsOfB, columnsOfB] = b.shape.slice(-2) as [number, number];
  const [rows, depth] = transposeA ? [columnsOfA, rowsOfA] : [rowsOfA, columnsOfA];
  const [columns, depthOfB] = transposeB ? [rowsOfB, columnsOfB] : [columnsOfB, rowsOfB];
  check(depth === depthOfB, `inner shapes (${depth}) and (${depthOfB}) must match.`);
  const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  const { runtime, stock } = context;
  if (a.dtype === 'int32') return multiplyIntegers(context, a, b, shape, depth, attributes);
  if (shape.includes(0) || isEmpty(a)) return runtime.outputOfZeros(shape);
  if (!isDirect(a, b, attributes)) {
    if (sizeOf(a) > rows * depth || sizeOf(b) > depth * columns) {
      return multiplyBatches(context, a, b, shape, attributes);
    }
    // aᵀ · bᵀ = (b · a)ᵀ
    const transposed = multiply(context, b, a, {}, {});
    const perm = shape.map((_, axis) => axis);
    [perm[perm.length - 1], perm[perm.length - 2]] = [perm.length - 2, perm.length - 1];
    return stock(
      'Transpose',
      { x: runtime.passing({ ...transposed, shape: [...batch, columns, rows] }) },
      { perm },
    );
  }
  const out = runtime.output(shape);
  const [from, to] = [runtime.address(a), runtime.address(out)];
  if (transposeA) {
    const geometry = matrixGeometry(rowsOfA, columnsOfA, columnsOfB);
    differentiateFilter(context, geometry, from, runtime.address(b), to);
  } else if (transposeB) {
    convolveBack(context, matrixGeometry(rowsOfA, rowsOfB, columnsOfB), from, b, to);
  } else {
    convolve(context, matrixGeometry(rowsOfA, rowsOfB, columnsOfB), from, b, to, epilogue);
  }
  return out;
}

/** Whether these are single matrices, which this package's convolutions multiply. */
function isDirect(a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: MatMulAttributes): boolean {
  const isMatrix = ({ shape }: TensorInfo) => shape.slice(0, -2).every((size) => size === 1);
  return isMatrix(a) && isMatrix(b) && !(transposeA && transposeB);
}

/** Batches of matrices, by tfjs's kernel, which is right where both have the same number of matrices, or one has one. */
function multiplyBatches(
  { runtime, stock }: Context,
  a: TensorInfo,
  b: TensorInfo,
  shape: number[],
  { transposeA = false, transposeB = false }: MatMulAttributes,
): TensorInfo {
  const batch = shape.slice(0, -2);
  const [wholeA, wholeB] = [a, b].map((matrices) => {
    const own = matrices.shape.slice(0, -2);
    const aligned = [...batch.slice(own.length).map(() => 1), ...own];
    const reps = [...batch.map((size, axis) => size / aligned[axis]!), 1, 1];
    if (reps.every((count) => count === 1)) return matrices;
    const x = { ...matrices, shape: [...aligned, ...matrices.shape.slice(-2)] };
    return runtime.passing(stock('Tile', { x }, { reps }));
  }) as [TensorInfo, TensorInfo];
  return stock('BatchMatMul', { a: wholeA, b: wholeB }, { transposeA, transposeB });
}

function multiplyIntegers(
  { runtime }: Context,
  a: TensorInfo,
  b: TensorInfo,
  shape: number[],
  depth: number,
  { transposeA, transposeB }: MatMulAttributes,
): TensorInfo {
  const y = runtime.output(shape, 'int32');
  const [rows, columns] = shape.slice(-2) as [number, number];
  const [left, right, out] = valuesOf(runtime, a, b, y);
  const [rowStep, leftStep] = transposeA ? [1, rows] : [depth, 1];
  const [rightStep, columnStep] = transposeB ? [1, depth] : [columns, 1];
  const [indicesOfA, indicesOfB] = [matrices(a, shape), matrices(b, shape)];
  for (let index = 0; index < out.length; index++) {
    const matrix = Math.floor(index / (rows * columns));
    const row = Math.floor(index / columns) % rows;
    const from = indicesOfA[matrix]! * rows * depth + row * rowStep;
    const to = indicesOfB[matrix]! * depth * columns + (index % columns) * columnStep;
    let sum = 0;
    for (let k = 0; k < depth; k++) sum += left[from + k * leftStep]! * right[to + k * rightStep]!;
    out[index] = sum;
  }
  return y;
}

/** For each matrix of a product of the given shape, the index of the tensor's matrix that it uses. */
function matrices({ shape }: TensorInfo, product: number[]): number[] {
  const batch = product.slice(0, -2);
  const own = [...batch.slice(shape.length - 2).map(() => 1), ...shape.slice(0, -2)];
  let indices = [0];
  for (const [axis, size] of batch.entries()) {
    const steps = Array.from({ length: size }, (_, index) => (own[axis] === 1 ? 0 : index));
    indices = indices.flatMap((index) => steps.map((step) => index * own[axis]! + step));
  }
  return indices;
}
