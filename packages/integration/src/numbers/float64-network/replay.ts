import type { Array64 } from './convolution.js';
import { type Applied, layers, type Mask } from './layers.js';
import type { Call, Recorded } from './recording.js';

/** A forward pass that was recorded and done again in float64, from the same weights and images. */
export interface Replay {
  /** By the ids of the tensors that the forward pass gave. */
  outputs: ReadonlyMap<object, Float64Array>;
  /** The layers that end with a ReLU, in order: as recorded, and what goes into the ReLU in float64. */
  reluLayers: { call: Call; beforeRelu: Float64Array }[];
  /** The gradients of the last call's output by all tensors, with these masks for the ReLU layers in order. */
  gradients(masks: readonly Mask[]): ReadonlyMap<object, Float64Array>;
}

/** @param calls those of the forward pass alone */
export function replay(calls: readonly Call[]): Replay {
  const outputs = new Map<object, Float64Array>();
  const steps: { call: Call; applied: Applied }[] = [];
  for (const call of calls) {
    const inputs: Record<string, Array64> = Object.fromEntries(
      Object.entries(call.inputs).map(([name, input]) => [
        name,
        { shape: input.shape, data: outputs.get(input.id) ?? Float64Array.from(input.values) },
      ]),
    );
    const applied = layers[call.kernel]!(inputs, call.attributes as never);
    outputs.set(outputOf(call).id, applied.output);
    steps.push({ call, applied });
  }
  const reluSteps = steps.filter(({ applied }) => applied.beforeRelu);

  const gradients = (masks: readonly Mask[]) => {
    const found = new Map<object, Float64Array>([[outputOf(calls.at(-1)!).id, Float64Array.of(1)]]);
    for (const step of steps.toReversed()) {
      const { call, applied } = step;
      const dy = found.get(outputOf(call).id);
      // The running statistics are added up as well, and have no part in the loss.
      if (!dy) continue;
      const ofInputs = applied.gradients(dy, masks[reluSteps.indexOf(step)]!);
      for (const [name, { id }] of Object.entries(call.inputs)) {
        const gradient = ofInputs[name];
        if (!gradient) continue;
        const sofar = found.get(id);
        found.set(id, sofar ? gradient.map((value, index) => value + sofar[index]!) : gradient);
      }
    }
    return found;
  };
  const reluLayers = reluSteps.map(({ call, applied }) => ({ call, beforeRelu: applied.beforeRelu! }));
  return { outputs, reluLayers, gradients };
}

function outputOf(call: Call): Recorded {
  return call.outputs[0]!;
}
