import { areFloats, kernel, sizeOf } from './kernel.js';
import { isWhole } from './matrix.js';
import { makeFloats, run, type Shader, SUM, totalOf, WORKGROUP } from './shader.js';

/** Workgroups of a dispatch; each leaves one sum. */
const MOST_WORKGROUPS = 64;

/** The sum of the squares of tensors x0, x1 …, as many in a dispatch as the device has bindings for. */
export const sumOfSquares = kernel('SumOfSquares', (backend, inputs) => {
  const tensors = Object.values(inputs);
  if (!areFloats(...tensors)) return undefined;
  const together = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
  const parts = Array.from({ length: Math.ceil(tensors.length / together) }, (_, part) => {
    const taken = tensors.slice(part * together, (part + 1) * together);
    const elements = taken.map(sizeOf).reduce((sum, size) => sum + (isWhole(size) ? size / 4 : size), 0);
    return { taken, elements, workgroups: Math.min(MOST_WORKGROUPS, Math.ceil(elements / WORKGROUP)) };
  });
  const [sum, sums] = makeFloats(backend, [], [parts.reduce((total, part) => total + part.workgroups, 0)]);
  let first = 0;
  for (const { taken, elements, workgroups } of parts) {
    const buffers = Object.fromEntries(taken.map((tensor, slot) => [`x${slot}`, tensor]));
    run(backend, squares(taken.map((tensor) => isWhole(sizeOf(tensor)))), {
      buffers: { sums, ...buffers },
      uniforms: { first, elements },
      workgroups: [workgroups, 1],
    });
    first += workgroups;
  }
  run(backend, SUM, { buffers: { sum, x: sums }, uniforms: { divisor: 1 }, workgroups: [1, 1] });
  backend.disposeData(sums.dataId);
  return sum;
});

const workgroup: [number, number] = [1, WORKGROUP];

/** @param wholes of each tensor, whether its elements are vectors of four numbers */
function squares(wholes: boolean[]): Shader {
  const slots = wholes.map((_, slot) => slot);
  return {
    key: `sumOfSquares ${wholes.join(' ')}`,
    outputs: ['sums'],
    inputs: Object.fromEntries(slots.map((slot) => [`x${slot}`, 'f32' as const])),
    vectors: slots.filter((slot) => wholes[slot]).map((slot) => `x${slot}`),
    uniforms: { first: 'u32', elements: 'u32' },
    workgroup,
    code: () => `
      ${totalOf('f32', workgroup, 'return a + b;')}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var sum = 0f;
        for (
          var index = group.x * ${WORKGROUP} + local.y;
          index < uniforms.elements;
          index += groups.x * ${WORKGROUP}
        ) {
          var at = index;
          ${slots.map((slot) => addAt(slot, wholes[slot]!)).join('\n')}
        }
        sum = total(sum, local);
        if (local.y == 0) { sums[uniforms.first + group.x] = sum; }
      }`,
  };
}

/** Adds element `at` if this tensor has it; else `at` is counted from the start of the next tensor. */
function addAt(slot: number, isWhole: boolean): string {
  const elements = `(uniforms.x${slot}Size${isWhole ? ' / 4' : ''})`;
  const square = isWhole ? `dot(x${slot}[at], x${slot}[at])` : `x${slot}[at] * x${slot}[at]`;
  return `
    if (at < ${elements}) {
      sum += ${square};
      continue;
    }
    at -= ${elements};`;
}
