import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelInputs } from '../../contracts/contract.js';
import { check } from '../../runtime/refused.js';
import { checkFloats, isShape, sizeOf } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

const FLOATS_PER_PIECE = 65_536;

/**
 * A step of gradient descent, as in assembly/gradient-descent.ts, over any number of parameters: inputs parameter0,
 * velocity0, gradient0, parameter1 … → [parameter0, velocity0, parameter1, …]. Where nobody else holds the data it is
 * changed in place, and the result shares it.
 */
export const sgdUpdate = kernel('SgdUpdate', ({ runtime, filters }, inputs, rates) => {
  const { backend } = runtime;
  checkParameters(inputs);
  check(
    Object.values(rates).every((rate) => typeof rate === 'number'),
    'rates are numbers.',
  );
  check(Number(rates.nesterov) === 0 || Number(rates.nesterov) === 1, 'nesterov is 0 or 1.');
  const own = (info: TensorInfo): TensorInfo => {
    if (backend.refCount(info.dataId) === 1) {
      filters.forget(info.dataId);
      return { dataId: info.dataId, shape: info.shape, dtype: info.dtype };
    }
    const copy = runtime.output(info.shape);
    const from = runtime.address(info) >>> 2;
    runtime.words().copyWithin(runtime.address(copy) >>> 2, from, from + sizeOf(info));
    return copy;
  };
  const pieces: number[] = [];
  const outputs: TensorInfo[] = [];
  for (let index = 0; `parameter${index}` in inputs; index++) {
    const [parameter, velocity] = [own(inputs[`parameter${index}`]!), own(inputs[`velocity${index}`]!)];
    const gradient = inputs[`gradient${index}`]!;
    outputs.push(parameter, velocity);
    const size = sizeOf(parameter);
    for (let first = 0; first < size; first += FLOATS_PER_PIECE) {
      pieces.push(
        ...[parameter, velocity, gradient].map((info) => runtime.address(info) + 4 * first),
        Math.min(FLOATS_PER_PIECE, size - first),
      );
    }
  }
  const { scale } = inputs;
  const factor = scale ? runtime.floats()[runtime.address(scale) >>> 2]! : 1;
  const gradientScale = rates.gradientScale * factor;
  const task = { pieces: runtime.integers('pieces', pieces), ...rates, gradientScale };
  if (pieces.length > 0 && Number.isFinite(factor)) {
    runtime.run('gradientDescent', task, pieces.length / 4);
  }
  const shared = new Set(Object.values(inputs).map((input) => input?.dataId));
  for (const { dataId } of outputs) if (shared.has(dataId)) backend.incRef(dataId);
  return outputs;
});

/** Called before anything is changed in place. */
function checkParameters({ scale, ...inputs }: KernelInputs<'SgdUpdate'>): void {
  if (scale) {
    checkFloats(scale);
    check(isShape(scale, []), 'the scale is a scalar.');
  }
  for (let count = 0; `parameter${count}` in inputs; count++) {
    const parameter = inputs[`parameter${count}`]!;
    const others = [inputs[`velocity${count}`], inputs[`gradient${count}`]];
    checkFloats(parameter, ...others);
    for (const other of others) {
      check(
        other !== undefined && isShape(other, parameter.shape),
        "velocities and gradients have their parameter's shape.",
      );
    }
  }
}
