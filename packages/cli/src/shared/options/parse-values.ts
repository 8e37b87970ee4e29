import { InvalidArgumentError } from 'commander';

/** Parsers of option values, for commander: it puts the option's name before what they throw. */

/** A whole number of at least `least`. */
export function integer(least: number) {
  return (text: string): number => {
    const value = toNumber(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be an integer of at least ${least}.`);
    }
    return value;
  };
}

/** Any whole number. */
export function anyInteger(text: string): number {
  const value = toNumber(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be an integer.');
  return value;
}

/** A number above 0. */
export function positive(text: string): number {
  const value = toNumber(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** A number of at least 0. */
export function notNegative(text: string): number {
  const value = toNumber(text);
  if (!(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number of at least 0.');
  return value;
}

/** A number from 0 to below 1. */
export function belowOne(text: string): number {
  const value = toNumber(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('It must be a number from 0 to below 1.');
  return value;
}

/** A number above 0 and at most 100. */
export function percentage(text: string): number {
  const value = toNumber(text);
  if (!(value > 0 && value <= 100))
    throw new InvalidArgumentError('It must be a number above 0 and at most 100.');
  return value;
}

/** Whole numbers of at least 0, between commas. */
export function integers(text: string): number[] {
  const values = text.split(',').map(toNumber);
  if (!values.every((value) => Number.isSafeInteger(value) && value >= 0)) {
    throw new InvalidArgumentError('It must be integers of at least 0, between commas.');
  }
  return values;
}

/** '0/4': the first of four parts. */
export function shard(text: string): [index: number, parts: number] {
  const [index, parts, ...rest] = text.split('/').map(toNumber) as [number, number];
  if (
    !(
      rest.length === 0 &&
      Number.isSafeInteger(index) &&
      Number.isSafeInteger(parts) &&
      index >= 0 &&
      index < parts
    )
  ) {
    throw new InvalidArgumentError('It must be i/n, with an i from 0 to n - 1.');
  }
  return [index, parts];
}

/** Numbers from 0 to 1, between commas. */
export function shares(text: string): number[] {
  const values = text.split(',').map(toNumber);
  if (!values.every((value) => value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('It must be numbers from 0 to 1, between commas.');
  }
  return values;
}

/** Decimal notation only: Number() would also take '', ' ', '0x10' and 'Infinity'. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}
