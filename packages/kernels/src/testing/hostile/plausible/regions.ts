import { type Body, float } from './call.js';
import type { Draw } from './draw.js';

/** Operations on regions; sides are such that no sample lies on the border by rounding alone. */
export function regions(draw: Draw, kernel: string): Body {
  const x = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.pick(1, 3, 4, 5, 16, 19)];
  const count = draw.int(0, 4);
  const [rows, columns] = [draw.int(1, 4), draw.int(1, 4)];
  const side = () => draw.int(-10, 30) / 2 + 0.013;
  const one = () => [draw.int(0, x[0]! - 1), side(), side(), side(), side()];
  const attributes = {
    regions: Array.from({ length: count }, one).flat(),
    ...{ rows, columns, scale: draw.pick(1, 0.5, 0.25) },
    ...(kernel.startsWith('RoiAlign') && { samplingRatio: draw.int(0, 3), aligned: draw.bool() }),
  };
  const y = float([count, rows, columns, x[3]!]);
  if (kernel === 'RoiAlignGradient') return { inputs: { dy: y }, attributes: { ...attributes, shape: x } };
  if (kernel === 'RoiMaxPoolGradient') return { inputs: { dy: y, x: float(x), y }, attributes };
  return { inputs: { x: float(x) }, attributes };
}

export function upsampling(draw: Draw, kernel: string): Body {
  const x = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.pick(1, 3, 4, 5)];
  const [height, width] = [draw.int(1, 12), draw.int(1, 12)];
  if (kernel === 'UpsampleNearest') return { inputs: { x: float(x) }, attributes: { height, width } };
  return { inputs: { dy: float([x[0]!, height, width, x[3]!]) }, attributes: { shape: x } };
}
