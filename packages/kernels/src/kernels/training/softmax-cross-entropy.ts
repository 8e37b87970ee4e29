import { check } from '../../runtime/refused.js';
import { checkFloats, isVector } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

/** The mean over rows of the softmax cross-entropy, logits [rows, classes], labels int32 [rows] → [loss, dLogits] */
export const softmaxCrossEntropy = kernel('SoftmaxCrossEntropy', ({ runtime }, { logits, labels }) => {
  checkFloats(logits);
  check(
    logits.shape.length === 2 && !logits.shape.includes(0),
    'logits are [rows, classes], of one at least.',
  );
  const [rows, classes] = logits.shape as [number, number];
  check(labels.dtype === 'int32' && isVector(labels, rows), 'labels are int32 [rows].');
  for (const label of runtime.backend.typedArrayFromHeap(labels)) {
    check(label >= 0 && label < classes, `labels are numbers below ${classes}, found ${label}.`);
  }
  const [loss, dLogits] = [runtime.output([]), runtime.output(logits.shape)];
  const terms = runtime.buffer('terms', 16 * rows);
  runtime.run(
    'softmaxCrossEntropy',
    {
      logits: runtime.address(logits),
      labels: runtime.address(labels),
      rows,
      classes,
      dLogits: runtime.address(dLogits),
      terms,
    },
    rows,
  );
  const values = new Float64Array(runtime.memory.buffer, terms, 2 * rows);
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += Math.log(values[2 * row]!) - values[2 * row + 1]!;
  runtime.floats()[runtime.address(loss) >>> 2] = sum / rows;
  return [loss, dLogits];
});
