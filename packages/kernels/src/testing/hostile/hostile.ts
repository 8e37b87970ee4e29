import fc from 'fast-check';
import { seeds } from '../arbitraries.js';
import { sizeOf } from '../tensors.js';
import type { DataType, HostileCall, Spec } from './plausible/call.js';
import { Draw } from './plausible/draw.js';
import { plausibleCalls } from './plausible/plausible.js';

/** Values of a tensor or an attempt at memory beyond these help nobody; they would take the time of a thousand calls. */
const MOST_VALUES = 20_000;
const HOSTILE_NUMBERS = [-1, 0, 1, 2, 3, 7, 12, -3, 0.5, Number.NaN];

/** Calls of a kernel, one in three of them as programs make it, the others spoiled in one respect or two. */
export function hostileCalls(kernel: string, numRuns: number, seed: number): HostileCall[] {
  const make = plausibleCalls[kernel]!;
  const calls = seeds.map((value) => {
    const draw = new Draw(value);
    let call: HostileCall = { kernel, ...make(draw, kernel), seed: draw.int(0, 2 ** 31 - 1) };
    for (let change = draw.pick(0, 1, 1, 1, 2); change > 0; change--) call = spoil(draw, call);
    return call;
  });
  return fc
    .sample(calls, { numRuns, seed })
    .filter(
      (call) =>
        Object.values(call.inputs).every(({ shape }) => sizeOf(shape) <= MOST_VALUES) && !isBeyondCpu(call),
    );
}

/** Where tfjs's `cpu` backend itself never ends or is wrong, so that nothing can be compared. */
function isBeyondCpu({ kernel, attributes }: HostileCall): boolean {
  const hasNoSteps =
    'strides' in attributes && [attributes.strides].flat().some((stride) => !(Number(stride) > 0));
  // Of the gradients of windows whose sides differ it misplaces those of the third axis.
  const isOblong = kernel === 'MaxPool3DGrad' && new Set([attributes.filterSize].flat()).size > 1;
  // Gradients are not told how sizes were rounded; ours see it by dy.
  const rounding = attributes.dimRoundingMode ?? 'floor';
  const isUntold = kernel === 'AvgPoolGrad' ? rounding !== 'floor' : typeof rounding !== 'string';
  if (isOblong || (isUntold && /Backprop|Grad/.test(kernel))) return true;
  return hasWindowsOutside(kernel, attributes) || (/3D|Backprop|Grad/.test(kernel) && hasNoSteps);
}

/** Pools of nothing but padding, of which `cpu` makes NaN and gradients of the first pixel. */
function hasWindowsOutside(kernel: string, { pad, filterSize, strides }: HostileCall['attributes']): boolean {
  if (!/^(Max|Avg)Pool(Grad)?$/.test(kernel)) return false;
  const sizes = [filterSize].flat() as number[];
  const isUneven = typeof pad === 'number' && new Set([strides].flat()).size + new Set(sizes).size > 2;
  return isUneven || [pad].flat(2).some((amount) => Number(amount) >= Math.min(...sizes));
}

function spoil(draw: Draw, call: HostileCall): HostileCall {
  const inputs = Object.keys(call.inputs);
  const attributes = Object.keys(call.attributes);
  const index = draw.int(0, inputs.length + attributes.length - 1);
  if (index >= inputs.length) {
    const key = attributes[index - inputs.length]!;
    return { ...call, attributes: { ...call.attributes, [key]: spoilValue(draw, call.attributes[key]) } };
  }
  const key = inputs[index]!;
  return { ...call, inputs: { ...call.inputs, [key]: spoilTensor(draw, call.inputs[key]!) } };
}

function spoilTensor(draw: Draw, spec: Spec): Spec {
  const { shape } = spec;
  const axis = draw.int(0, Math.max(0, shape.length - 1));
  const withSize = (size: number) => ({
    ...spec,
    shape: shape.map((old, index) => (index === axis ? size : old)),
  });
  switch (draw.int(0, 6)) {
    case 0:
      return { ...spec, shape: shape.slice(1) };
    case 1:
      return { ...spec, shape: [draw.int(1, 2), ...shape] };
    case 2:
      return withSize(0);
    case 3:
      return withSize(draw.int(1, 12));
    case 4:
      return { ...spec, shape: [draw.int(0, 5)] };
    case 5:
      // For indices: ones that point beyond.
      return { ...spec, below: -9 };
    default:
      return { ...spec, dtype: draw.pick<DataType>('float32', 'int32', 'bool') };
  }
}

function spoilValue(draw: Draw, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && draw.int(0, 4) > 0) {
    const chosen = draw.int(0, value.length - 1);
    return value.map((old, index) => (index === chosen ? spoilValue(draw, old) : old));
  }
  if (Array.isArray(value))
    return draw.pick<unknown>([], [...value, 1], value.slice(1), draw.pick(...HOSTILE_NUMBERS));
  if (typeof value === 'string')
    return draw.pick<unknown>('same', 'valid', 'NCHW', 'int32', 'nonsense', 0, undefined);
  if (typeof value === 'boolean') return !value;
  return draw.pick<unknown>(...HOSTILE_NUMBERS, undefined);
}
