import type { Attributes } from '../../contracts/contract.js';
import { alignTaps, type Taps } from '../../regions/align-taps.js';
import { problemOfSampling } from '../../regions/region-grid.js';
import { check } from '../../runtime/refused.js';
import type { Runtime } from '../../runtime/runtime.js';
import { checkFloats, checkGradient, isEmpty } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';
import { bandsOf, checkRegions, type ImageShape, regionFields, resultShape } from './tables.js';

/** The mean of bilinear samples in each cell of each region. */
export const roiAlign = kernel('RoiAlign', ({ runtime }, { x }, attributes) => {
  checkFloats(x);
  const shape = checkAlign(x, attributes);
  const y = runtime.output(resultShape(attributes, shape[3]));
  if (isEmpty(y)) return y;
  const fields = fieldsOf(runtime, attributes, shape);
  const task = { ...fields, x: runtime.address(x), y: runtime.address(y) };
  runtime.run('roiAlign', task, fields.regions);
  return y;
});

/** The gradient of x, of the given shape, where dy is that of the result. */
export const roiAlignGradient = kernel('RoiAlignGradient', ({ runtime }, { dy }, attributes) => {
  checkFloats(dy);
  const shape = checkAlign(attributes, attributes);
  checkGradient(dy, resultShape(attributes, shape[3]));
  if (isEmpty(dy)) return runtime.outputOfZeros(shape);
  const dx = runtime.output(shape);
  const fields = fieldsOf(runtime, attributes, shape);
  const task = { ...fields, x: runtime.address(dx), y: runtime.address(dy) };
  runtime.run('roiAlignGradient', task, bandsOf(fields));
  return dx;
});

function checkAlign(x: { shape: number[] }, attributes: Attributes<'RoiAlign'>): ImageShape {
  const problem = problemOfSampling(attributes);
  check(problem === undefined, problem!);
  return checkRegions(x, attributes);
}

function fieldsOf(runtime: Runtime, attributes: Attributes<'RoiAlign'>, shape: ImageShape) {
  const [, height, width, channels] = shape;
  const { ofRows, ofColumns } = alignTaps(attributes, height, width);
  return {
    ...regionFields(runtime, attributes, shape),
    rowStarts: runtime.integers('starts of rows', ofRows.starts),
    rowTaps: pairs(runtime, 'taps of rows', ofRows, 4 * width * channels),
    columnStarts: runtime.integers('starts of columns', ofColumns.starts),
    columnTaps: pairs(runtime, 'taps of columns', ofColumns, 4 * channels),
  };
}

/** The address of a buffer with the offset of each tap in bytes, and its weight. */
function pairs(runtime: Runtime, name: string, { pixels, weights }: Taps, bytes: number): number {
  const address = runtime.buffer(name, 8 * Math.max(1, pixels.length));
  const [words, floats] = [runtime.words(), runtime.floats()];
  let at = address >>> 2;
  for (let tap = 0; tap < pixels.length; tap++) {
    words[at++] = pixels[tap]! * bytes;
    floats[at++] = weights[tap]!;
  }
  return address;
}
