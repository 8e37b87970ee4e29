import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeds, shapes } from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { DIRECT } from '../../testing/exactness.js';
import * as reference from '../../testing/reference.js';
import { runKernel, toTensor, type Values } from '../../testing/run-kernel.js';
import { normalTensor } from '../../testing/tensors.js';

/** More floats than the kernel takes in one piece, now and then. */
const lengths = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 65_000, max: 140_000 }) },
);
const rates = fc.record({
  learningRate: fc.constantFrom(0.1, 0.001, 0),
  momentum: fc.constantFrom(0.9, 0),
  weightDecay: fc.constantFrom(1e-4, 0, 0.1),
  gradientScale: fc.constantFrom(1, 0.25),
  decoupledDecay: fc.constantFrom(0, 0.1),
  nesterov: fc.constantFrom(0, 1),
});

/** The inputs of the kernel for parameters of these lengths. */
function inputsOf(sizes: number[], seed: number): Record<string, Values<Float32Array>> {
  const names = ['parameter', 'velocity', 'gradient'];
  const entries = sizes.flatMap((size, index) =>
    names.map((name, which) => [`${name}${index}`, normalTensor([size], seed + 3 * index + which)] as const),
  );
  return Object.fromEntries(entries);
}

describeEach(directConfigurations, (configuration, exactness) => {
  it("updates any number of parameters by PyTorch's rule", () => {
    const sizes = fc.array(lengths, { minLength: 1, maxLength: 6 });
    const property = fc.property(sizes, rates, seeds, (sizes, rates, seed) => {
      const inputs = inputsOf(sizes, seed);
      const results = runKernel('SgdUpdate', inputs, rates);
      expect(results).toHaveLength(2 * sizes.length);
      for (const [index, size] of sizes.entries()) {
        const expected = reference.gradientDescent(
          {
            parameter: inputs[`parameter${index}`]!.values,
            velocity: inputs[`velocity${index}`]!.values,
            gradient: inputs[`gradient${index}`]!.values,
          },
          rates,
        );
        const [parameter, velocity] = [results[2 * index]!, results[2 * index + 1]!];
        const expectedParameter = { shape: [size], values: expected.parameter, deviation: 1 };
        exactness.expect('SgdUpdate: parameter', parameter, expectedParameter, DIRECT);
        const expectedVelocity = { shape: [size], values: expected.velocity, deviation: 1 };
        exactness.expect('SgdUpdate: velocity', velocity, expectedVelocity, DIRECT);
      }
    });
    fc.assert(property, shapes(100, configuration.seed));
  });

  it('writes in place, but not where another tensor shares the values', () => {
    const { parameter0, velocity0, gradient0 } = inputsOf([37], 1);
    const parameter = toTensor(parameter0!);
    const velocity = toTensor(velocity0!);
    const gradient = toTensor(gradient0!);
    const clone = parameter.clone();
    expect(clone.dataId).toBe(parameter.dataId);
    const attributes = {
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 0,
      gradientScale: 1,
      decoupledDecay: 0,
      nesterov: 0,
    };
    const inputs = { parameter0: parameter, velocity0: velocity, gradient0: gradient };
    const [newParameter, newVelocity] = tf.engine().runKernel('SgdUpdate', inputs, attributes) as tf.Tensor[];

    expect(newVelocity!.dataId).toBe(velocity.dataId);
    expect(newParameter!.dataId).not.toBe(parameter.dataId);
    expect(clone.dataSync()).toEqual(parameter0!.values);
    expect(parameter.dataSync()).toEqual(parameter0!.values);
    expect(newParameter!.dataSync()).not.toEqual(parameter0!.values);
    tf.dispose([parameter, velocity, gradient, clone, newParameter!, newVelocity!]);
  });
});
