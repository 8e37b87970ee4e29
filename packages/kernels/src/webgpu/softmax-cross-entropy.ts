import { areFloats, kernel } from './kernel.js';
import { makeFloats, run, type Shader, SUM, totalOf, WORKGROUP } from './shader.js';

/** The mean over rows of the softmax cross-entropy, logits [rows, classes], labels int32 [rows] → [loss, dLogits] */
export const softmaxCrossEntropy = kernel('SoftmaxCrossEntropy', (backend, { logits, labels }) => {
  if (!areFloats(logits) || labels.dtype !== 'int32') return undefined;
  const [rows, classes] = logits.shape as [number, number];
  const [loss, dLogits, losses] = makeFloats(backend, [], logits.shape, [rows]);
  run(backend, ROWS, {
    buffers: { losses, dLogits, logits, labels },
    uniforms: { classes },
    workgroups: [Math.min(rows, backend.device.limits.maxComputeWorkgroupsPerDimension), 1],
  });
  run(backend, SUM, { buffers: { sum: loss, x: losses }, uniforms: { divisor: rows }, workgroups: [1, 1] });
  backend.disposeData(losses.dataId);
  return [loss, dLogits];
});

const workgroup: [number, number] = [1, WORKGROUP];

/** Each row's loss, and its share of the gradient of the mean. */
const ROWS: Shader = {
  key: 'softmaxCrossEntropy',
  outputs: ['losses', 'dLogits'],
  inputs: { logits: 'f32', labels: 'i32' },
  uniforms: { classes: 'u32' },
  workgroup,
  code: () => `
    ${totalOf('vec2f', workgroup, 'return vec2f(max(a.x, b.x), a.y + b.y);')}
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      for (var row = group.x; row < uniforms.lossesSize; row += groups.x) {
        let first = row * uniforms.classes;
        let label = labels[row];
        var largest = -3.4028234e38f;
        for (var column = local.y; column < uniforms.classes; column += ${WORKGROUP}) {
          largest = max(largest, logits[first + column]);
        }
        largest = total(vec2f(largest, 0f), local).x;
        var exponentials = 0f;
        for (var column = local.y; column < uniforms.classes; column += ${WORKGROUP}) {
          exponentials += exp(logits[first + column] - largest);
        }
        exponentials = total(vec2f(0f, exponentials), local).y;
        for (var column = local.y; column < uniforms.classes; column += ${WORKGROUP}) {
          let shifted = logits[first + column] - largest;
          let ofLabel = select(0f, 1f, i32(column) == label);
          dLogits[first + column] = (exp(shifted) / exponentials - ofLabel) / f32(uniforms.lossesSize);
        }
        if (local.y == 0) {
          let isKnown = label >= 0 && label < i32(uniforms.classes);
          losses[row] = log(exponentials) - select(0f, logits[first + u32(label)] - largest, isKnown);
        }
      }
    }`,
};
