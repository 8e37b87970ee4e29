import type { LayerReport } from '../../worker/inside/layer-report.js';

/** '16 × 16 × 32' */
export function times(shape: readonly number[]): string {
  return shape.join(' × ');
}

/** 'convolution 3×3' */
export function kindOf({ kind, filter }: LayerReport): string {
  if (kind === 'relu') return 'ReLU';
  return filter ? `${kind} ${filter.shape[0]}×${filter.shape[1]}` : kind;
}

/** 'layer2.0.conv1, convolution 3×3, 16 × 16 × 32' */
export function titleOf(layer: LayerReport): string {
  return `${layer.name}, ${kindOf(layer)}, ${times(layer.outputShape)}`;
}

/** What fits into a box of the drawing: 'conv1  3×3, 32, /2', as in the paper's Figure 3. */
export function labelOf({ name, kind, filter, block }: LayerReport): string {
  const own = block && name.startsWith(`${block}.`) ? name.slice(block.length + 1) : name;
  if (kind === 'shortcut A') return 'option A';
  if (!filter) return own;
  const { shape, stride } = filter;
  const text = `${shape[0]}×${shape[1]}, ${shape[3]}${stride === 1 ? '' : `, /${stride}`}`;
  return own.startsWith('downsample') ? text : `${own}  ${text}`;
}

/** Three significant digits. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1).replace('-', '−').replace('e-', 'e−');
  return String(Number(value.toPrecision(3))).replace('-', '−');
}
