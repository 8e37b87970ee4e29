import fc from 'fast-check';
import { it } from 'vitest';
import { seeds, shapes } from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { DIRECT } from '../../testing/exactness.js';
import * as reference from '../../testing/reference.js';
import { runKernelForOne } from '../../testing/run-kernel.js';
import { normalTensor } from '../../testing/tensors.js';

const lengths = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 67 }) },
  { weight: 1, arbitrary: fc.integer({ min: 68, max: 700 }) },
);

const products = fc
  .record({
    rows: lengths,
    depth: lengths,
    columns: lengths,
    batches: fc.constantFrom([], [1], [1, 1]),
    seed: seeds,
  })
  .filter(({ rows, depth, columns }) => rows * depth * columns <= 3_000_000);

describeEach(directConfigurations, (configuration, exactness) => {
  it.each([
    { transposeA: false, transposeB: false },
    { transposeA: true, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: true },
  ])('multiplies: $transposeA, $transposeB', (transposed) => {
    const { transposeA, transposeB } = transposed;
    const property = fc.property(products, ({ rows, depth, columns, batches, seed }) => {
      const a = normalTensor([...batches, ...(transposeA ? [depth, rows] : [rows, depth])], seed);
      const b = normalTensor([...batches, ...(transposeB ? [columns, depth] : [depth, columns])], seed + 1);
      const product = runKernelForOne('BatchMatMul', { a, b }, transposed);
      const expected = {
        shape: [...batches, rows, columns],
        values: reference.matMul([rows, depth, columns], a.values, b.values, transposed),
        deviation: Math.sqrt(depth),
      };
      exactness.expect(`BatchMatMul ${JSON.stringify(transposed)}`, product, expected, DIRECT);
    });
    fc.assert(property, shapes(100, configuration.seed));
  });

  it('adds bias and ReLU', () => {
    const epilogues = fc.record({ bias: fc.boolean(), activation: fc.constantFrom('linear', 'relu') });
    const property = fc.property(
      products,
      epilogues,
      ({ rows, depth, columns, seed }, { bias, activation }) => {
        const a = normalTensor([1, rows, depth], seed);
        const b = normalTensor([1, depth, columns], seed + 1);
        const given = bias ? { bias: normalTensor([columns], seed + 2) } : {};
        const plain = { transposeA: false, transposeB: false };
        const result = runKernelForOne('_FusedMatMul', { a, b, ...given }, { ...plain, activation });
        const product = reference.matMul([rows, depth, columns], a.values, b.values, plain);
        const epilogue = { bias: given.bias?.values, relu: activation === 'relu' };
        const expected = {
          shape: [1, rows, columns],
          values: reference.epilogue(product, columns, epilogue),
          deviation: Math.sqrt(depth),
        };
        exactness.expect('_FusedMatMul', result, expected, DIRECT);
      },
    );
    fc.assert(property, shapes(100, configuration.seed));
  });
});
