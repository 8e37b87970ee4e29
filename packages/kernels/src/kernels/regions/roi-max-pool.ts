import { poolBins } from '../../regions/pool-bins.js';
import type { RegionGrid } from '../../regions/region-grid.js';
import { check } from '../../runtime/refused.js';
import type { Runtime } from '../../runtime/runtime.js';
import { checkFloats, checkGradient, isEmpty, isShape } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';
import { bandsOf, checkRegions, type ImageShape, regionFields, resultShape } from './tables.js';

/** The largest value in each cell of each region. */
export const roiMaxPool = kernel('RoiMaxPool', ({ runtime }, { x }, grid) => {
  checkFloats(x);
  const shape = checkRegions(x, grid);
  const y = runtime.output(resultShape(grid, shape[3]));
  if (isEmpty(y)) return y;
  const fields = fieldsOf(runtime, grid, shape);
  const task = { ...fields, x: runtime.address(x), y: runtime.address(y), dy: 0, dx: 0 };
  runtime.run('roiMaxPool', task, fields.regions);
  return y;
});

/** Its gradient, which goes to the first pixel of a cell that has its largest value. */
export const roiMaxPoolGradient = kernel('RoiMaxPoolGradient', ({ runtime }, { dy, x, y }, grid) => {
  checkFloats(dy, x, y);
  const shape = checkRegions(x, grid);
  checkGradient(dy, resultShape(grid, shape[3]));
  check(isShape(y, dy.shape), "y must be the pool's.");
  if (isEmpty(dy)) return runtime.outputOfZeros(shape);
  const dx = runtime.output(shape);
  const fields = fieldsOf(runtime, grid, shape);
  const [fromX, fromY] = [runtime.address(x), runtime.address(y)];
  const task = { ...fields, x: fromX, y: fromY, dy: runtime.address(dy), dx: runtime.address(dx) };
  runtime.run('roiMaxPoolGradient', task, bandsOf(fields));
  return dx;
});

function fieldsOf(runtime: Runtime, grid: RegionGrid, shape: ImageShape) {
  const [, height, width, channels] = shape;
  const { ofRows, ofColumns } = poolBins(grid, height, width);
  const inBytes = (bins: Int32Array, bytes: number) => Array.from(bins, (pixel) => pixel * bytes);
  return {
    ...regionFields(runtime, grid, shape),
    lineBytes: 4 * width * channels,
    rowBins: runtime.integers('starts of rows', inBytes(ofRows, 4 * width * channels)),
    columnBins: runtime.integers('starts of columns', inBytes(ofColumns, 4 * channels)),
  };
}
