import { ResnetError } from '@resnet/core';

/** The results of repeated runs of a network. */
export interface SampleStatistics {
  /** The lowest. */
  best: number;
  mean: number;
  /** The sample's: its square is the sum of squares divided by one less than there are values. */
  deviation: number;
}

/** @throws OPTION_INVALID for less than 2 values, which have no deviation */
export function sampleStatistics(values: readonly number[]): SampleStatistics {
  if (values.length < 2) {
    throw new ResnetError(
      'OPTION_INVALID',
      `Best, mean and deviation need at least 2 values, found ${values.length}.`,
    );
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { best: Math.min(...values), mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** Shares as Table 6 of the paper has them, in percent: '6.43 (6.61±0.16)' for best, mean and deviation. */
export function formatSampleStatistics({ best, mean, deviation }: SampleStatistics): string {
  const [first, second, third] = [best, mean, deviation].map((share) => (100 * share).toFixed(2));
  return `${first} (${second}±${third})`;
}
