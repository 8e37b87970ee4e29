import { ResnetError } from './error.js';

/** @throws OPTION_INVALID, naming the option, if the value is not an integer from `least` to `most` */
export function checkInteger(
  name: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new ResnetError('OPTION_INVALID', `${name} must be an integer ${range}, found ${value}.`);
}
