import { ResnetError } from '@resnet/core';
import { type NetworkReport, reportOf } from '../network-report.js';
import { currentNetwork } from '../session.js';

/** Says how images become inputs of the network, where its weights don't tell: one number a channel, for pixels from 0 to 1. */
export async function setNormalization({
  mean,
  std,
}: {
  mean: number[];
  std: number[];
}): Promise<NetworkReport> {
  const network = currentNetwork();
  const { inChannels } = network.model.network.architecture;
  const isValid = [mean, std].every(
    (values) => values.length === inChannels && values.every((value) => Number.isFinite(value)),
  );
  if (!isValid || !std.every((value) => value > 0)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `Mean and standard deviation must be a number for each of the ${inChannels} channels, and the deviation above 0; found ${mean.join(', ')} and ${std.join(', ')}.`,
    );
  }
  network.normalization = { mean: Float32Array.from(mean), std: Float32Array.from(std) };
  return reportOf(network);
}
