import { ResnetError } from '@resnet/core';

/**
 * The places [first, end) of a set that the part `index` of `parts` evaluates; all parts together evaluate all of them.
 *
 * @throws OPTION_INVALID if there is no such part, or it would be empty
 */
export function shardRange(count: number, [index, parts]: readonly [number, number]): [number, number] {
  const isPart = Number.isInteger(index) && Number.isInteger(parts) && index >= 0 && index < parts;
  if (isPart && parts <= count) {
    return [Math.floor((index * count) / parts), Math.floor(((index + 1) * count) / parts)];
  }
  throw new ResnetError(
    'OPTION_INVALID',
    `A shard is [index, parts], with an index from 0 to parts - 1 and at most ${count} parts, one an image; found [${index}, ${parts}].`,
  );
}
