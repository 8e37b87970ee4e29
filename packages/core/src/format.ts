/** 64000 as '64,000'. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** A share from 0 to 1 as a percentage, with two decimals as the paper gives errors: '8.27 %'. */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(2)} %` : 'not a number';
}
