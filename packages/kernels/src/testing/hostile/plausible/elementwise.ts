import { type Body, float, of } from './call.js';
import type { Draw } from './draw.js';

export function cast(draw: Draw): Body {
  const x = of(draw.anyType(), draw.shape(0, 4));
  return { inputs: { x }, attributes: { dtype: draw.pick('float32', 'int32', 'bool') } };
}

export function identity(draw: Draw): Body {
  return { inputs: { x: of(draw.anyType(), draw.shape(0, 4)) }, attributes: {} };
}

export function prelu(draw: Draw): Body {
  const shape = draw.shape(1, 4);
  const alpha = float(draw.pick(shape, shape.slice(-1)));
  return { inputs: { x: of(draw.numberType(), shape), alpha }, attributes: {} };
}

export function add(draw: Draw): Body {
  const shape = draw.shape(0, 4);
  const other = draw.pick(
    shape,
    shape,
    [],
    shape.slice(1),
    shape.map((size) => draw.pick(size, 1)),
  );
  const dtype = draw.anyType();
  const [a, b] = draw.bool() ? [shape, other] : [other, shape];
  return { inputs: { a: of(dtype, a), b: of(dtype, b) }, attributes: {} };
}
