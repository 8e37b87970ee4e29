import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import { areFloats, kernel, sizeOf } from './kernel.js';
import { isWhole } from './matrix.js';
import { each, elementwise, makeFloats, run, runEach, type Shader, workgroupsFor } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

const RATES = [
  'learningRate',
  'momentum',
  'weightDecay',
  'gradientScale',
  'decoupledDecay',
  'nesterov',
] as const;

/** Buffers for each parameter: its values, its velocity and its gradient. */
const BUFFERS = 3;

/**
 * A step of gradient descent over any number of parameters, as many in a dispatch as the device has bindings for: inputs
 * parameter0, velocity0, gradient0, parameter1 … → [parameter0, velocity0, parameter1, …]. Where nobody else holds the
 * data, its buffer is changed in place and goes over to the result; the input loses its buffer and may only be disposed.
 */
export const sgdUpdate = kernel('SgdUpdate', (backend, { scale, ...inputs }, rates) => {
  if (!areFloats(scale, ...Object.values(inputs))) return undefined;
  const count = Object.keys(inputs).length / BUFFERS;
  const isHeldTwice = heldTwice(Object.values(inputs));
  const own = (info: TensorInfo) =>
    isHeldTwice(info.dataId) || backend.refCount(info.dataId) > 1 ? copy(backend, info) : take(backend, info);
  const slots = Array.from({ length: count }, (_, index) => ({
    parameter: own(inputs[`parameter${index}`]!),
    velocity: own(inputs[`velocity${index}`]!),
    gradient: inputs[`gradient${index}`]!,
  }));
  const most = backend.device.limits.maxStorageBuffersPerShaderStage;
  const together = Math.floor((most - (scale ? 1 : 0)) / BUFFERS);
  for (let first = 0; first < count; first += together) {
    const part = slots.slice(first, first + together);
    const buffers = part.flatMap((slot, index) =>
      Object.entries(slot).map(([name, info]) => [`${name}${index}`, info] as const),
    );
    const wholes = part.map(({ parameter }) => isWhole(sizeOf(parameter)));
    const elements = part.reduce(
      (sum, { parameter }, index) => sum + sizeOf(parameter) / (wholes[index] ? 4 : 1),
      0,
    );
    run(backend, update(wholes, scale !== undefined), {
      buffers: { ...Object.fromEntries(buffers), ...(scale ? { scale } : {}) },
      uniforms: { ...rates, elements },
      workgroups: workgroupsFor(backend, elements),
    });
  }
  return slots.flatMap(({ parameter, velocity }) => [parameter, velocity]);
});

/** Whether data is given more than once. */
function heldTwice(infos: TensorInfo[]): (dataId: DataId) => boolean {
  const seen = new Set<DataId>();
  const again = new Set<DataId>();
  for (const { dataId } of infos) (seen.has(dataId) ? again : seen).add(dataId);
  return (dataId) => again.has(dataId);
}

/** The tensor's buffer under a new name: tfjs may have, or be reading, a copy of its values under the old one. */
function take(backend: TfjsWebgpuBackend, info: TensorInfo): TensorInfo {
  backend.uploadToGPU(info.dataId);
  const data = backend.tensorMap.get(info.dataId);
  if (data.external) return copy(backend, info);
  const [taken] = makeFloats(backend, info.shape);
  backend.tensorMap.get(taken.dataId).resource = data.resource!;
  data.resource = null;
  return taken;
}

function copy(backend: TfjsWebgpuBackend, x: TensorInfo): TensorInfo {
  const [y] = makeFloats(backend, x.shape);
  runEach(backend, COPY, { y, x });
  return y;
}

const COPY = elementwise({ key: 'copy', outputs: ['y'], inputs: { x: 'f32' } }, 'y[index] = x[index];');

/** By its bits: WGSL lets compilers take for granted that numbers are finite. */
const STOP_UNLESS_FINITE = `
  const EXPONENT = 0x7f800000u;
  if ((bitcast<u32>(scale[0]) & EXPONENT) == EXPONENT) { return; }`;

/** @param wholes of each parameter, whether its elements are vectors of four numbers */
function update(wholes: boolean[], isScaled: boolean): Shader {
  const slots = wholes.map((_, slot) => slot);
  return {
    key: `gradientDescent ${isScaled} ${wholes.join(' ')}`,
    outputs: slots.flatMap((slot) => [`parameter${slot}`, `velocity${slot}`]),
    inputs: {
      ...Object.fromEntries(slots.map((slot) => [`gradient${slot}`, 'f32' as const])),
      ...(isScaled ? { scale: 'f32' } : {}),
    },
    vectors: slots
      .filter((slot) => wholes[slot])
      .flatMap((slot) => [`parameter${slot}`, `velocity${slot}`, `gradient${slot}`]),
    uniforms: { ...Object.fromEntries(RATES.map((name) => [name, 'f32' as const])), elements: 'u32' },
    code: () => `
      struct Updated { parameter: vec4f, velocity: vec4f }
      fn updated(parameter: vec4f, velocity: vec4f, gradient: vec4f) -> Updated {
        let decayed = ${isScaled ? 'scale[0] * ' : ''}uniforms.gradientScale * gradient + uniforms.weightDecay * parameter;
        let speed = uniforms.momentum * velocity + decayed;
        let step = select(speed, uniforms.momentum * speed + decayed, uniforms.nesterov != 0);
        return Updated(parameter - uniforms.learningRate * (step + uniforms.decoupledDecay * parameter), speed);
      }
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        ${isScaled ? STOP_UNLESS_FINITE : ''}
        ${each('uniforms.elements')} {
          var at = index;
          ${slots.map((slot) => updateAt(slot, wholes[slot]!)).join('\n')}
        }
      }`,
  };
}

/** Updates element `at` if this parameter has it; else `at` is counted from the start of the next parameter. */
function updateAt(slot: number, isWhole: boolean): string {
  const elements = `(uniforms.parameter${slot}Size${isWhole ? ' / 4' : ''})`;
  const part = isWhole ? '' : '.x';
  return `
    if (at < ${elements}) {
      let new${slot} = updated(vec4f(parameter${slot}[at]), vec4f(velocity${slot}[at]), vec4f(gradient${slot}[at]));
      parameter${slot}[at] = new${slot}.parameter${part};
      velocity${slot}[at] = new${slot}.velocity${part};
      continue;
    }
    at -= ${elements};`;
}
