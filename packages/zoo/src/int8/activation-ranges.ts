import type { Int8Range } from '@resnet/backend';
import { ResnetError } from '@resnet/core';

/** How the values of a quantized network are bytes, by the name of the step that gives them; 'input' is the images'. */
export type ActivationRanges = ReadonlyMap<string, Int8Range>;

/** @throws OPTION_INVALID if there is none */
export function rangeOf(ranges: ActivationRanges, name: string): Int8Range {
  const range = ranges.get(name);
  if (range) return range;
  throw new ResnetError(
    'OPTION_INVALID',
    `There is no range for the value '${name}' of this network. Give the ranges that \`quantize\` finds for it: \`weights.ranges\` of the quantized network.`,
  );
}

/** Ranges as JSON has them: scale and zero by name. */
export type PackedRanges = Record<string, [scale: number, zero: number]>;

export function packRanges(ranges: ActivationRanges): PackedRanges {
  return Object.fromEntries([...ranges].map(([name, { scale, zero }]) => [name, [scale, zero]]));
}

export function unpackRanges(packed: PackedRanges): ActivationRanges {
  return new Map(Object.entries(packed).map(([name, [scale, zero]]) => [name, { scale, zero }]));
}

/** Whether JSON of a file has ranges. */
export function arePackedRanges(value: unknown): value is PackedRanges {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((range) => {
    if (!Array.isArray(range) || range.length !== 2) return false;
    const [scale, zero] = range as unknown[];
    const isScale =
      typeof scale === 'number' && Math.fround(scale) > 0 && Number.isFinite(Math.fround(scale));
    return isScale && Number.isInteger(zero) && (zero as number) >= 0 && (zero as number) <= 255;
  });
}
