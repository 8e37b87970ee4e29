import fc from 'fast-check';
import { it } from 'vitest';
import { seeds, shapes } from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { DIRECT } from '../../testing/exactness.js';
import { uniformValues } from '../../testing/random.js';
import * as reference from '../../testing/reference.js';
import { runKernel } from '../../testing/run-kernel.js';
import { normalTensor } from '../../testing/tensors.js';

/** Smaller numbers have fewer digits in float32. */
const TINY = 2 ** -100;
/** The logarithm of one and less than this has fewer digits in float64, in the reference too. */
const SMALL = 1e-8;

const batches = fc.record({
  rows: fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 1, max: 67 }) },
    { weight: 1, arbitrary: fc.constant(4100) },
  ),
  classes: fc.integer({ min: 1, max: 67 }),
  /** Large logits make probabilities of zero and one. */
  scale: fc.constantFrom(0.01, 1, 10, 300),
  offset: fc.constantFrom(0, -1e4, 1e4),
  seed: seeds,
});

describeEach(directConfigurations, (configuration, exactness) => {
  it('gives the loss and the gradient of the logits', () => {
    const property = fc.property(batches, ({ rows, classes, scale, offset, seed }) => {
      const { shape, values } = normalTensor([rows, classes], seed);
      const logits = { shape, values: values.map((value) => value * scale + offset) };
      const uniform = uniformValues(seed + 1);
      const labels = {
        shape: [rows],
        values: Int32Array.from({ length: rows }, () => Math.floor(uniform() * classes)),
      };
      const [loss, dLogits] = runKernel('SoftmaxCrossEntropy', { logits, labels });
      const expected = reference.softmaxCrossEntropy(logits.values, labels.values);
      const expectedLoss = { shape: [], values: [expected.loss], deviation: SMALL };
      exactness.expect('SoftmaxCrossEntropy: loss', loss!, expectedLoss, DIRECT);
      const gradient = { shape, values: expected.dLogits, deviation: TINY };
      exactness.expect('SoftmaxCrossEntropy: dLogits', dLogits!, gradient, DIRECT);
    });
    fc.assert(property, shapes(200, configuration.seed));
  });
});
