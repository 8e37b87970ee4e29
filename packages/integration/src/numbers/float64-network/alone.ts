import { type Array64, filterGradient, inputGradient } from './convolution.js';
import { layers, maskOf } from './layers.js';
import { normalizationGradient } from './normalization.js';
import type { Call } from './recording.js';

type Inputs = Record<string, Array64>;

interface Geometry {
  strides: [number, number];
  pad: number;
}

const geometryOf = ({ strides: [stride], pad }: Geometry) => ({ stride, padding: pad });

/** What kernels give, in float64, by their names. */
const kernels: Record<string, (inputs: Inputs, attributes: never) => Float64Array[]> = {
  ConvBatchNormTraining: (inputs, attributes) => [layers.ConvBatchNormTraining!(inputs, attributes).output],

  BatchNormTrainingGradient: ({ dy, x, y, gamma }, { epsilon }: { epsilon: number }) => {
    const mask = maskOf(y!.data);
    const dSum = dy!.data.map((value, index) => value * mask[index]!);
    const { dx, dGamma, dBeta } = normalizationGradient(x!.data, gamma!.data, dSum, epsilon);
    return [dx, dGamma, dBeta];
  },

  Conv2DBackpropInput: ({ dy, filter }, attributes: Geometry & { inputShape: number[] }) => [
    inputGradient(attributes.inputShape, filter!, dy!, geometryOf(attributes)),
  ],

  Conv2DBackpropFilter: ({ x, dy }, attributes: Geometry & { filterShape: number[] }) => [
    filterGradient(x!, attributes.filterShape, dy!, geometryOf(attributes)),
  ],
};

/** The kernels that can be done alone. */
export const kernelsAlone = Object.keys(kernels);

/** One call of a kernel again, in float64, from the very inputs that it had: its first outputs. */
export function doAgain({ kernel, inputs, attributes }: Call): Float64Array[] {
  const given: Inputs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, values }]) => [
      name,
      { shape, data: Float64Array.from(values) },
    ]),
  );
  return kernels[kernel]!(given, attributes as never);
}
