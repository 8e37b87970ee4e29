import { fakeQuantize, fakeQuantizeWeights, type Int8Range } from '@resnet/backend';
import type { Int8Form, Step } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs-core';
import { type ActivationRanges, rangeOf } from './activation-ranges.js';
import { givesLogits, int8FormOf, keepsRange } from './form-of.js';

/** What is rounded around a step. */
interface Rounding {
  form: Int8Form;
  /** Of each input that was computed in float32, and so is not rounded yet. */
  inputs: readonly (Int8Range | undefined)[];
  output: Int8Range | undefined;
}

/**
 * Computes steps in float32 with everything rounded that `Int8Network` has in bytes: the filters, for each output channel, and the
 * values between the steps, by fixed ranges. Steps without a form for bytes are computed as they are. Filters are rounded as they are
 * before a normalization is folded into them: that multiplies a channel by a number, which changes nothing about the bytes that its
 * weights become. So batch normalization uses the batch's statistics in training as always.
 *
 * @param output the name of the last step
 * @returns computes one of the steps; differentiable, by the straight-through estimator
 * @throws OPTION_INVALID if there is no range for a value
 */
export function fakeQuantizing(
  steps: readonly Step[],
  output: string,
  ranges: ActivationRanges,
): (step: Step, inputs: tf.Tensor[]) => tf.Tensor {
  const inBytes = new Set<string>();
  const roundings = new Map<string, Rounding>();
  for (const step of steps) {
    const { name, inputs, operation } = step;
    const form = int8FormOf(operation);
    if (!form) continue;
    const isExact = keepsRange(form) || givesLogits(step, form, output);
    roundings.set(name, {
      form,
      inputs: inputs.map((input) => (inBytes.has(input) ? undefined : rangeOf(ranges, input))),
      output: isExact ? undefined : rangeOf(ranges, name),
    });
    inBytes.add(name);
  }
  return ({ name, operation }, inputs) => {
    const rounding = roundings.get(name);
    if (!rounding) return operation.run(inputs);
    const { form } = rounding;
    const given = inputs.map((input, index) => rounded(input, rounding.inputs[index]));
    const run = () => operation.run(given);
    const result =
      form.kind === 'convolution'
        ? form.weight.withValue(fakeQuantizeWeights(form.weight.variable), run)
        : run();
    return rounded(result, rounding.output);
  };
}

function rounded(value: tf.Tensor, range: Int8Range | undefined): tf.Tensor {
  return range ? fakeQuantize(value, range) : value;
}
