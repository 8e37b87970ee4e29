/** Batch normalization by the batch's own statistics and its gradients, in float64 ("Batch Normalization", Algorithm 1). */

/** gamma · (x - mean) / √(variance + epsilon) + beta, for each channel */
export function normalization(
  x: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  epsilon: number,
): Float64Array {
  const channels = gamma.length;
  return standardized(x, channels, epsilon).values.map(
    (value, index) => gamma[index % channels]! * value + beta[index % channels]!,
  );
}

/** The gradients of Σ dy · y by x, gamma and beta. */
export function normalizationGradient(
  x: Float64Array,
  gamma: Float64Array,
  dy: Float64Array,
  epsilon: number,
): { dx: Float64Array; dGamma: Float64Array; dBeta: Float64Array } {
  const channels = gamma.length;
  const positions = x.length / channels;
  const { values, inverse } = standardized(x, channels, epsilon);
  const [dGamma, dBeta] = [new Float64Array(channels), new Float64Array(channels)];
  for (let index = 0; index < x.length; index++) {
    dGamma[index % channels]! += dy[index]! * values[index]!;
    dBeta[index % channels]! += dy[index]!;
  }
  const dx = dy.map((value, index) => {
    const channel = index % channels;
    const common = (dBeta[channel]! + values[index]! * dGamma[channel]!) / positions;
    return gamma[channel]! * inverse[channel]! * (value - common);
  });
  return { dx, dGamma, dBeta };
}

/** (x - mean) · inverse with inverse = 1 / √(variance + epsilon) */
function standardized(
  x: Float64Array,
  channels: number,
  epsilon: number,
): { values: Float64Array; inverse: Float64Array } {
  const positions = x.length / channels;
  const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
  for (let index = 0; index < x.length; index++) mean[index % channels]! += x[index]! / positions;
  for (let index = 0; index < x.length; index++) {
    variance[index % channels]! += (x[index]! - mean[index % channels]!) ** 2 / positions;
  }
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const values = x.map((value, index) => (value - mean[index % channels]!) * inverse[index % channels]!);
  return { values, inverse };
}
