import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';
import { convolve, convolveBack } from '../convolution.js';
import type { Ending } from '../ending.js';
import { differentiateFilter } from '../filter-gradient.js';
import { matrixGeometry } from '../geometry.js';
import { areFloats } from './conv2d.js';
import type { Kernel } from './kernel.js';

interface Attributes {
  transposeA: boolean;
  transposeB: boolean;
}

/** tf.matMul of two matrices: the products of a fully connected layer and of its gradients. */
export const batchMatMul: Kernel = (
  context,
  { a, b }: { a: TensorInfo; b: TensorInfo },
  attributes: Attributes,
) => multiply(context, a, b, attributes, {});

/** tf.fused.matMul */
export const fusedMatMul: Kernel = (
  context,
  { a, b, bias }: { a: TensorInfo; b: TensorInfo; bias?: TensorInfo },
  attributes: Attributes & { activation: string },
) => {
  const { activation, transposeA, transposeB } = attributes;
  const isPlain = !transposeA && !transposeB;
  if (!isPlain || (activation !== 'linear' && activation !== 'relu')) return undefined;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== b.shape.at(-1))) return undefined;
  const shift = bias ? context.runtime.address(bias) : 0;
  return multiply(context, a, b, attributes, { shift, relu: activation === 'relu' });
};

function multiply(
  context: Context,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: Attributes,
  ending: Ending,
): TensorInfo | undefined {
  const isMatrix = ({ shape }: TensorInfo) => shape.slice(0, -2).every((size) => size === 1);
  if (!areFloats(a, b) || a.shape.length !== b.shape.length || !isMatrix(a) || !isMatrix(b)) return undefined;
  if (transposeA && transposeB) return undefined;
  const { runtime } = context;
  const [rowsOfA, columnsOfA] = a.shape.slice(-2) as [number, number];
  const [rowsOfB, columnsOfB] = b.shape.slice(-2) as [number, number];
  const rows = transposeA ? columnsOfA : rowsOfA;
  const columns = transposeB ? rowsOfB : columnsOfB;
  if ((transposeA ? rowsOfA : columnsOfA) !== (transposeB ? columnsOfB : rowsOfB)) return undefined;
  const out = runtime.output([...a.shape.slice(0, -2), rows, columns]);
  const [from, to] = [runtime.address(a), runtime.address(out)];
  if (transposeA) {
    const geometry = matrixGeometry(rowsOfA, columnsOfA, columnsOfB);
    differentiateFilter(context, geometry, from, runtime.address(b), to);
  } else if (transposeB) {
    convolveBack(context, matrixGeometry(rowsOfA, rowsOfB, columnsOfB), from, b, to);
  } else {
    convolve(context, matrixGeometry(rowsOfA, rowsOfB, columnsOfB), from, b, to, ending);
  }
  return out;
}
