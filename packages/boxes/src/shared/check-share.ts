import { ResnetError } from '@resnet/core';

/** @throws OPTION_INVALID unless it is from 0 to `most` */
export function checkShare(name: string, value: number, most = 1): void {
  if (value >= 0 && value <= most) return;
  throw new ResnetError('OPTION_INVALID', `${name} must be a number from 0 to ${most}, found ${value}.`);
}
