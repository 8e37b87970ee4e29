import { type Body, float } from './call.js';
import type { Draw } from './draw.js';
import { outputs, positive } from './windows.js';

/** Convolutions and pools of volumes: [images, depth, height, width, channels]. */
export function volume(draw: Draw, kernel: string): Body {
  const pad = draw.pick('same', 'valid');
  const x = [draw.int(1, 2), draw.int(1, 5), draw.int(1, 5), draw.int(1, 5), draw.int(1, 3)];
  const cube = draw.int(1, 3);
  // `cpu` misplaces the gradients of windows whose sides differ.
  const size = kernel === 'MaxPool3DGrad' ? [cube, cube, cube] : [cube, draw.int(1, 3), draw.int(1, 3)];
  const strides = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 2)];
  const y = size.map((window, axis) => outputs(x[axis + 1]!, window, strides[axis]!, pad, undefined));
  const isPool = kernel.includes('Pool');
  const outChannels = isPool ? x[4]! : draw.int(1, 4);
  const dy = float([x[0]!, ...positive(y), outChannels]);
  const filterShape = [...size, x[4]!, outChannels];
  const attributes = { strides, pad, dataFormat: 'NDHWC' };
  switch (kernel) {
    case 'Conv3D':
      return {
        inputs: { x: float(x), filter: float(filterShape) },
        attributes: { ...attributes, dilations: [1, 1, 1] },
      };
    case 'Conv3DBackpropFilterV2':
      return { inputs: { x: float(x), dy }, attributes: { ...attributes, filterShape } };
    case 'Conv3DBackpropInputV2':
      return { inputs: { dy, filter: float(filterShape) }, attributes: { ...attributes, inputShape: x } };
    case 'AvgPool3D':
    case 'MaxPool3D':
      return { inputs: { x: float(x) }, attributes: { ...attributes, filterSize: size } };
    case 'MaxPool3DGrad':
      return { inputs: { dy, input: float(x), output: dy }, attributes: { ...attributes, filterSize: size } };
    default:
      return { inputs: { dy, input: float(x) }, attributes: { ...attributes, filterSize: size } };
  }
}
