import { Random } from '@resnet/core';
import { backendsUnderTest, useBackendUnderTest } from '@resnet/testing/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { differenceOf } from './difference-of.js';
import { type Array64, array64, numericalGradient, type Reference } from './reference.js';

/** An operation and its definition, to be compared in value and in the gradient of every input. */
export interface Case {
  title: string;
  shapes: Record<string, number[]>;
  run(inputs: Record<string, tf.Tensor>): tf.Tensor;
  reference: Reference;
  /** Added to every element of the input of this name. */
  offset?: Record<string, number>;
  /** Default: 3e-6 for the value and 2e-5 for the gradients, relative to the largest. */
  tolerance?: { value: number; gradient: number };
}

export type Tensors = {
  x: tf.Tensor4D;
  filter: tf.Tensor4D;
  gamma: tf.Tensor1D;
  beta: tf.Tensor1D;
  residual?: tf.Tensor4D;
};

export const images = [
  [2, 4, 4, 3],
  [1, 5, 3, 4],
  [3, 1, 1, 2],
  [5, 2, 7, 8],
];

export const epilogues = [
  { relu: false, residual: false },
  { relu: true, residual: false },
  { relu: false, residual: true },
  { relu: true, residual: true },
];

export const named = ({ relu, residual }: { relu: boolean; residual: boolean }) =>
  `${residual ? ' + residual' : ''}${relu ? ' + ReLU' : ''}`;

export const epsilon = 1e-3;
export const fixedMoments = (channels: number) => ({
  mean: Float64Array.from({ length: channels }, (_, c) => 0.3 * c - 0.5),
  variance: Float64Array.from({ length: channels }, (_, c) => 0.4 + 0.3 * c),
});
export const asTensors = ({ mean, variance }: { mean: Float64Array; variance: Float64Array }) => ({
  mean: tf.tensor1d(Float32Array.from(mean)),
  variance: tf.tensor1d(Float32Array.from(variance)),
});

/** On each backend: compares the cases with their definitions, and runs `more`. */
export function describeOperations(title: string, cases: Case[], more: () => void = () => {}): void {
  describe.each(backendsUnderTest)(`${title} on $label`, (underTest) => {
    useBackendUnderTest(underTest);
    it.each(cases)('$title', async (operation) => {
      if (!expectations.has(operation)) expectations.set(operation, expectationOf(operation));
      const expected = expectations.get(operation)!;
      const tensorsBefore = tf.memory().numTensors;

      const { value, gradients } = tf.tidy(() => {
        const tensorOf = ({ data, shape }: Array64) => tf.tensor(Float32Array.from(data), shape);
        const names = Object.keys(expected.inputs);
        const tensors = Object.values(expected.inputs).map(tensorOf);
        const run = (...args: tf.Tensor[]) =>
          operation.run(Object.fromEntries(names.map((n, i) => [n, args[i]!])));
        const gradients = tf.grads(run)(tensors, tensorOf(expected.dy));
        return { value: run(...tensors), gradients };
      });
      expect(await differenceOf(value, expected.value)).toBeLessThan(operation.tolerance?.value ?? 3e-6);
      for (const [index, name] of Object.keys(expected.inputs).entries()) {
        const difference = await differenceOf(gradients[index]!, expected.gradients[index]!);
        expect(difference, `gradient of ${name}`).toBeLessThan(operation.tolerance?.gradient ?? 2e-5);
      }
      tf.dispose([value, gradients]);
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    });

    more();
  });
}

/** Float32 inputs, so that reference and operation see the same numbers. */
function randomInputs({ shapes, offset }: Case, random: Random): Record<string, Array64> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      return [name, array64(shape, () => Math.fround(random.normal() + (offset?.[name] ?? 0)))];
    }),
  );
}

/** What the definition gives, computed once for all backends. */
const expectations = new Map<Case, ReturnType<typeof expectationOf>>();

function expectationOf(operation: Case) {
  const random = new Random(2015);
  const inputs = randomInputs(operation, random);
  const value = operation.reference(inputs);
  const dy = array64(value.shape, () => Math.fround(random.normal()));
  const gradients = Object.keys(inputs).map((name) =>
    numericalGradient(operation.reference, inputs, name, dy),
  );
  return { inputs, value, dy, gradients };
}
