import { type Body, float, of } from './call.js';
import type { Draw } from './draw.js';
import { positive, windows } from './windows.js';

export function pool(draw: Draw, kernel: string): Body {
  const { x, size, y, attributes } = windows(draw, 1);
  const { dilations: _, dataFormat: __, ...rest } = attributes;
  const given = { ...rest, filterSize: size };
  const out = [x[0]!, ...positive(y), x[3]!];
  const type = of(draw.imageType(), x);
  switch (kernel) {
    case 'MaxPoolGrad':
      return { inputs: { dy: float(out), input: float(x), output: float(out) }, attributes: given };
    case 'AvgPoolGrad':
      return { inputs: { dy: float(out), input: float(x) }, attributes: given };
    default:
      return { inputs: { x: type }, attributes: given };
  }
}
