import { formatPercent } from '@resnet/core';
import { errorInterval } from '@resnet/eval';

/** With four decimals: '0.3412'. */
export function formatNumber(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'not a number';
}

/** The 95 % confidence interval of an error: '7.75 to 8.83 %'. */
export function formatInterval(errors: number, count: number): string {
  if (count === 0) return '';
  const [low, high] = errorInterval(errors, count);
  return `${(100 * low).toFixed(2)} to ${formatPercent(high)}`;
}
