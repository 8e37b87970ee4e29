import { type Body, int, of } from './call.js';
import type { Draw } from './draw.js';

export function segmentSum(draw: Draw): Body {
  const numSegments = draw.int(1, 6);
  const x = of(draw.numberType(), draw.shape(1, 3));
  const segmentIds = int(draw.pick([x.shape[0]!], x.shape), numSegments);
  return { inputs: { x, segmentIds }, attributes: { numSegments } };
}
