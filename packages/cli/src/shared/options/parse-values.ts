import { InvalidArgumentError } from 'commander';

/** Parsers of option values, for commander: it puts the option's name before what they throw. */

export function integer(least: number) {
  return numberThat(
    `an integer of at least ${least}`,
    (value) => Number.isSafeInteger(value) && value >= least,
  );
}

export const anyInteger = numberThat('an integer', Number.isSafeInteger);

export const positive = numberThat('a number above 0', (value) => value > 0 && Number.isFinite(value));

export const notNegative = numberThat(
  'a number of at least 0',
  (value) => value >= 0 && Number.isFinite(value),
);

export const belowOne = numberThat('a number from 0 to below 1', (value) => value >= 0 && value < 1);

export const percentage = numberThat(
  'a number above 0 and at most 100',
  (value) => value > 0 && value <= 100,
);

export const integers = listOf(
  'integers of at least 0',
  (value) => Number.isSafeInteger(value) && value >= 0,
);

export const shares = listOf('numbers from 0 to 1', (value) => value >= 0 && value <= 1);

/** '0/4': the first of four parts. */
export function shard(text: string): [index: number, parts: number] {
  const numbers = text.split('/').map(toNumber);
  const [index, parts] = numbers as [number, number];
  if (numbers.length !== 2 || !numbers.every(Number.isSafeInteger) || index < 0 || index >= parts) {
    throw new InvalidArgumentError('It must be i/n, with an i from 0 to n - 1.');
  }
  return [index, parts];
}

function numberThat(expected: string, isValid: (value: number) => boolean) {
  return (text: string): number => {
    const value = toNumber(text);
    if (!isValid(value)) throw new InvalidArgumentError(`It must be ${expected}.`);
    return value;
  };
}

function listOf(expected: string, isValid: (value: number) => boolean) {
  return (text: string): number[] => {
    const values = text.split(',').map(toNumber);
    if (!values.every(isValid)) throw new InvalidArgumentError(`It must be ${expected}, between commas.`);
    return values;
  };
}

/** Decimal notation only: Number() would also take '', ' ', '0x10' and 'Infinity'. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}
