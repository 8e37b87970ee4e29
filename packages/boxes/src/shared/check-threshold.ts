import { ResnetError } from '@resnet/core';

/** @throws OPTION_INVALID unless it is from 0 to 1 */
export function checkThreshold(name: string, threshold: number): void {
  if (threshold >= 0 && threshold <= 1) return;
  throw new ResnetError('OPTION_INVALID', `${name} must be a number from 0 to 1, found ${threshold}.`);
}
