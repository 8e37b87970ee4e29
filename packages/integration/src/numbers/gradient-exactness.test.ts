import { beforeAll, describe, expect, it } from 'vitest';
import { doAgain, kernelsAlone } from './float64-network/alone.js';
import { maskOf } from './float64-network/layers.js';
import { type Replay, replay } from './float64-network/replay.js';
import { type TrainingStep, trainingStep } from './float64-network/training-step.js';

/**
 * How far values may be from those of float64, relative to the largest of their tensor: three times what was measured.
 * `alone`: those of one kernel, given its inputs. `together`: those of the whole step, which pass through 20 layers
 * and back.
 */
const algorithms: [string, { winograd: boolean; alone: number; together: number }][] = [
  ['direct convolutions', { winograd: false, alone: 3.5e-6, together: 1.5e-5 }],
  ['convolutions by Winograd', { winograd: true, alone: 2e-5, together: 3e-5 }],
];

describe.each(algorithms)('a training step of ResNet-20 with %s', (name, { winograd, alone, together }) => {
  let step: TrainingStep;
  let float64: Replay;
  beforeAll(async () => {
    step = await trainingStep(winograd);
    float64 = replay(step.forward);
  });

  it('is near float64 in every kernel, given its inputs', () => {
    const calls = [...step.forward, ...step.backward].filter(({ kernel }) => kernelsAlone.includes(kernel));
    expect(new Set(calls.map(({ kernel }) => kernel))).toEqual(new Set(kernelsAlone));
    for (const call of calls) {
      for (const [place, expected] of doAgain(call).entries()) {
        const { shape, values } = call.outputs[place]!;
        const message = `output ${place} of ${call.kernel}, [${shape}]`;
        expect(largestDifference(values, expected), message).toBeLessThan(alone);
      }
    }
  });

  it('is near float64 in every layer', () => {
    for (const { kernel, outputs } of step.forward) {
      const { id, shape, values } = outputs[0]!;
      const difference = largestDifference(values, float64.outputs.get(id)!);
      expect(difference, `${kernel}, [${shape}]`).toBeLessThan(together);
    }
  });

  it('has the gradients of float64 in every parameter, given the same ReLU masks', () => {
    const sameMasks = float64.gradients(
      float64.reluLayers.map(({ call }) => maskOf(call.outputs[0]!.values)),
    );
    for (const { name, id, values } of step.gradients) {
      expect(largestDifference(values, sameMasks.get(id)!), name).toBeLessThan(together);
    }
    const ownMasks = float64.gradients(float64.reluLayers.map(({ beforeRelu }) => maskOf(beforeRelu)));
    console.log(tableOf(`ResNet-20 with ${name}`, step, float64, [sameMasks, ownMasks]));
  });

  it('has other masks only where values are next to zero', () => {
    for (const { call, beforeRelu } of float64.reluLayers) {
      const { values } = call.outputs[0]!;
      for (const value of whereMasksDiffer(values, beforeRelu)) {
        expect(Math.abs(value) / largest(values)).toBeLessThan(together);
      }
    }
  });
});

/** What goes into the ReLU in float64 where the masks of `values` and of float64 differ. */
function whereMasksDiffer(values: ArrayLike<number>, beforeRelu: Float64Array): Float64Array {
  return beforeRelu.filter((value, index) => value > 0 !== values[index]! > 0);
}

/** The gradients of each layer against those of float64, given the same masks and given float64's own. */
function tableOf(
  title: string,
  { gradients }: TrainingStep,
  { reluLayers }: Replay,
  references: ReadonlyMap<object, Float64Array>[],
): string {
  const header = ['', 'same masks', "float64's masks", 'masks that differ', 'largest value there'];
  const rows = reluLayers.map(({ call, beforeRelu }) => {
    const { filter, gamma, beta } = call.inputs;
    const ofLayer = gradients.filter(({ id }) => [filter!.id, gamma!.id, beta!.id].includes(id));
    const differences = references.map((reference) =>
      Math.max(...ofLayer.map(({ id, values }) => largestDifference(values, reference.get(id)!))),
    );
    const differing = whereMasksDiffer(call.outputs[0]!.values, beforeRelu);
    return [
      ofLayer[0]!.name.replace('.weight', ''),
      ...differences.map((difference) => difference.toExponential(1)),
      String(differing.length),
      differing.length === 0 ? '' : largest(differing).toExponential(1),
    ];
  });
  const lines = [header, ...rows].map((cells) =>
    cells.map((cell, column) => cell.padEnd(header[column]!.length || 16)).join('  '),
  );
  return [`${title}: gradients against float64`, ...lines].join('\n');
}

/** Relative to the largest that is expected. */
function largestDifference(actual: ArrayLike<number>, expected: Float64Array): number {
  return largest(expected.map((value, index) => value - actual[index]!)) / largest(expected);
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
