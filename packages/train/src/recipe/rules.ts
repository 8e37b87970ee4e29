import { ResnetError } from '@resnet/core';

/** Whether a setting makes sense, what would, and what was found. */
export type Rule = [isValid: boolean, rule: string, found: unknown];

/** @throws OPTION_INVALID by the first rule that is broken */
export function checkRules(rules: readonly Rule[]): void {
  for (const [isValid, rule, found] of rules) {
    if (!isValid) throw new ResnetError('OPTION_INVALID', `${rule}, found ${found}.`);
  }
}

export function integer(name: string, value: number, least: number): Rule {
  return [
    Number.isInteger(value) && value >= least,
    `${name} must be an integer of at least ${least}`,
    value,
  ];
}

export function above0(name: string, value: number | null): Rule {
  return [
    value !== null && value > 0 && value < Number.POSITIVE_INFINITY,
    `${name} must be a number above 0`,
    value,
  ];
}

export function share(name: string, value: number | null): Rule {
  return [value !== null && value >= 0 && value < 1, `${name} must be a number from 0 to below 1`, value];
}

export function oneOf<T>(name: string, value: T, known: readonly T[]): Rule {
  return [known.includes(value), `${name} must be one of ${known.join(', ')}`, value];
}

export function orNull([isValid, rule, found]: Rule): Rule {
  return [found === null || isValid, `${rule}, or null`, found];
}
