import { type Body, of } from './call.js';
import type { Draw } from './draw.js';
import { fused } from './fused.js';

export function matMul(draw: Draw, kernel: string): Body {
  const [rows, depth, columns] = [draw.int(1, 9), draw.int(1, 9), draw.int(1, 17)];
  const [transposeA, transposeB] = [draw.bool(), draw.bool()];
  const batch = draw.pick([], [], [1], [3], [2, 2]);
  const batchB = draw.pick(
    batch,
    batch,
    batch.map(() => 1),
  );
  const a = of(draw.imageType(), [...batch, ...(transposeA ? [depth, rows] : [rows, depth])]);
  const b = of(a.dtype, [...batchB, ...(transposeB ? [columns, depth] : [depth, columns])]);
  const attributes = { transposeA, transposeB };
  return kernel === 'BatchMatMul'
    ? { inputs: { a, b }, attributes }
    : fused(draw, { a, b }, attributes, columns);
}
