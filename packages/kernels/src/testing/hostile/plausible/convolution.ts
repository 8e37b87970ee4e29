import { type Body, float, of } from './call.js';
import type { Draw } from './draw.js';
import { fused } from './fused.js';
import { positive, windows } from './windows.js';

export function convolution(draw: Draw, kernel: string): Body {
  const { x, size, y, attributes } = windows(draw, kernel.includes('Backprop') ? 1 : 2);
  const { dilations: _, ...gradient } = attributes;
  const [images, , , inChannels] = x as [number, number, number, number];
  const outChannels = draw.int(1, 9);
  const filter = [...size, inChannels, outChannels];
  const out = [images, ...positive(y), outChannels];
  const xSpec = of(draw.imageType(), x);
  switch (kernel) {
    case 'Conv2DBackpropInput':
      return {
        inputs: { dy: float(out), filter: float(filter) },
        attributes: { ...gradient, inputShape: x },
      };
    case 'Conv2DBackpropFilter':
      return { inputs: { x: xSpec, dy: float(out) }, attributes: { ...gradient, filterShape: filter } };
    case 'FusedConv2D':
      return fused(draw, { x: xSpec, filter: float(filter) }, attributes, outChannels);
    default:
      return { inputs: { x: xSpec, filter: float(filter) }, attributes };
  }
}

export function depthwise(draw: Draw, kernel: string): Body {
  const { x, size, y, attributes } = windows(draw, kernel.includes('Backprop') ? 1 : 2);
  const { dilations: _, ...gradient } = attributes;
  const [images, , , channels] = x as [number, number, number, number];
  const multiplier = draw.int(1, 3);
  const filter = [...size, channels, multiplier];
  const dy = float([images, ...positive(y), channels * multiplier]);
  const xSpec = of(draw.imageType(), x);
  switch (kernel) {
    case 'DepthwiseConv2dNativeBackpropInput':
      return { inputs: { dy, filter: float(filter) }, attributes: { ...gradient, inputShape: x } };
    case 'DepthwiseConv2dNativeBackpropFilter':
      return { inputs: { x: xSpec, dy }, attributes: { ...gradient, filterShape: filter } };
    case 'FusedDepthwiseConv2D':
      return fused(draw, { x: xSpec, filter: float(filter) }, attributes, channels * multiplier);
    default:
      return { inputs: { x: xSpec, filter: float(filter) }, attributes };
  }
}
