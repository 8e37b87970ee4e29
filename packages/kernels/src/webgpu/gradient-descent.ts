import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import { areFloats, kernel, sizeOf } from './kernel.js';
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
export const sgdUpdate = kernel('SgdUpdate', (backend, inputs, rates) => {
  if (!areFloats(...Object.values(inputs))) return undefined;
  const count = Object.keys(inputs).length / BUFFERS;
  const isHeldTwice = heldTwice(Object.values(inputs));
  const own = (info: TensorInfo) =>
    isHeldTwice(info.dataId) || backend.refCount(info.dataId) > 1 ? copy(backend, info) : take(backend, info);
  const slots = Array.from({ length: count }, (_, index) => ({
    parameter: own(inputs[`parameter${index}`]!),
    velocity: own(inputs[`velocity${index}`]!),
    gradient: inputs[`gradient${index}`]!,
  }));
  const together = Math.floor(backend.device.limits.maxStorageBuffersPerShaderStage / BUFFERS);
  for (let first = 0; first < count; first += together) {
    const part = slots.slice(first, first + together);
    const buffers = part.flatMap((slot, index) =>
      Object.entries(slot).map(([name, info]) => [`${name}${index}`, info] as const),
    );
    const elements = part.reduce((sum, { parameter }) => sum + sizeOf(parameter), 0);
    run(backend, update(part.length), {
      buffers: Object.fromEntries(buffers),
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

function update(count: number): Shader {
  const slots = Array.from({ length: count }, (_, slot) => slot);
  return {
    key: `gradientDescent ${count}`,
    outputs: slots.flatMap((slot) => [`parameter${slot}`, `velocity${slot}`]),
    inputs: Object.fromEntries(slots.map((slot) => [`gradient${slot}`, 'f32' as const])),
    uniforms: { ...Object.fromEntries(RATES.map((name) => [name, 'f32' as const])), elements: 'u32' },
    code: `
      /** The new parameter and velocity. */
      fn updated(parameter: f32, velocity: f32, gradient: f32) -> vec2f {
        let decayed = uniforms.gradientScale * gradient + uniforms.weightDecay * parameter;
        let speed = uniforms.momentum * velocity + decayed;
        let step = select(speed, uniforms.momentum * speed + decayed, uniforms.nesterov != 0);
        return vec2f(parameter - uniforms.learningRate * (step + uniforms.decoupledDecay * parameter), speed);
      }
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        ${each('uniforms.elements')} {
          var at = index;
          ${slots.map(updateAt).join('\n')}
        }
      }`,
  };
}

/** Updates element `at` if this parameter has it; else `at` is counted from the start of the next parameter. */
const updateAt = (slot: number) => `
  if (at < uniforms.parameter${slot}Size) {
    let new${slot} = updated(parameter${slot}[at], velocity${slot}[at], gradient${slot}[at]);
    parameter${slot}[at] = new${slot}.x;
    velocity${slot}[at] = new${slot}.y;
    continue;
  }
  at -= uniforms.parameter${slot}Size;`;
