import { errorInterval } from '@resnet/eval';

/** 64000 as '64,000'. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** A share as a percentage, with two decimals as the paper gives errors: '8.27 %'. */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(2)} %` : 'not a number';
}

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
