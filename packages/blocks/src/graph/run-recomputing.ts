import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from '../layers/batch-norm.js';
import type { Step } from './fuse.js';
import { inputName } from './graph.js';
import { lastUses } from './last-uses.js';
import { runSteps } from './run-graph.js';

/**
 * Computes the last of some steps from one input as `runSteps` does, with the same bits and gradients, but keeps little for the
 * backward pass: the network is cut into segments, of which only the inputs are kept, and the backward pass computes each segment
 * again. That takes one more forward pass, and memory for some √n of n blocks. See Chen et al., "Training Deep Nets with Sublinear
 * Memory Cost" (2016). Layers that draw random numbers would draw others the second time.
 *
 * @param input stays the caller's
 * @param compute gives a step's result; must not use the names of its inputs, which are others within a segment
 * @returns owned by the caller
 */
export function runRecomputing(steps: readonly Step[], input: tf.Tensor, compute: Compute): tf.Tensor {
  const segments = segmentsOf(steps);
  return tf.tidy(() => {
    let value = input;
    for (const segment of segments) {
      const result = recomputed(segment, value, compute);
      if (value !== input) value.dispose();
      value = result;
    }
    return value === input ? value.clone() : value;
  });
}

type Compute = (step: Step, inputs: tf.Tensor[]) => tf.Tensor;

/** Steps with one value in and one value out. */
interface Segment {
  steps: readonly Step[];
  /** The names of the values that it takes and gives. */
  from: string;
  to: string;
}

/** Cuts steps where only one value is needed later, and joins the parts, half of √n of n each. */
function segmentsOf(steps: readonly Step[]): Segment[] {
  const spent = lastUses(steps, new Set());
  const live = new Set([inputName(0)]);
  const ends: number[] = [];
  for (const [index, { name }] of steps.entries()) {
    live.add(name);
    for (const input of spent[index]!) live.delete(input);
    if (live.size === 1 && live.has(name)) ends.push(index + 1);
  }
  const perSegment = Math.max(1, Math.round(Math.sqrt(ends.length) / 2));
  const segments: Segment[] = [];
  let first = 0;
  let from = inputName(0);
  for (const [index, end] of ends.entries()) {
    if ((index + 1) % perSegment !== 0 && end !== steps.length) continue;
    const to = steps[end - 1]!.name;
    segments.push({ steps: steps.slice(first, end), from, to });
    [first, from] = [end, to];
  }
  return segments;
}

function recomputed({ steps, from, to }: Segment, input: tf.Tensor, compute: Compute): tf.Tensor {
  const computeAll = (x: tf.Tensor) => {
    const given = steps.map((step) => ({
      ...step,
      inputs: step.inputs.map((name) => (name === from ? inputName(0) : name)),
    }));
    return runSteps(given, [x], [to], compute)[0]!;
  };
  const variables = [
    ...new Set(
      steps.flatMap(({ layers }) =>
        layers.flatMap((layer) =>
          [...layer.ownParameters()]
            .filter(([, { trainable }]) => trainable)
            .map(([, { variable }]) => variable),
        ),
      ),
    ),
  ];
  const run = tf.customGrad((x, ...rest) => {
    const save = rest.at(-1) as unknown as tf.GradSaveFunc;
    save([x as tf.Tensor]);
    return {
      value: computeAll(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        onOwnTape(() => BatchNorm.withoutRunning(() => gradientsOf(computeAll, saved[0]!, variables, dy))),
    };
  });
  return run(input, ...variables);
}

function gradientsOf(
  compute: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  variables: readonly tf.Variable[],
  dy: tf.Tensor,
): tf.Tensor[] {
  const { value, grads } = tf.engine().gradients(() => compute(x), [x, ...variables], dy, true);
  value.dispose();
  return [x, ...variables].map((tensor, index) => grads[index] ?? tf.zerosLike(tensor));
}

/** tfjs keeps one tape: a gradient within a backward pass would end that pass's. */
function onOwnTape<T>(work: () => T): T {
  const { state } = tf.engine() as unknown as { state: { activeTape: unknown } };
  const { activeTape } = state;
  try {
    return work();
  } finally {
    state.activeTape = activeTape;
  }
}
