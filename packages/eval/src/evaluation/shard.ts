import { ResnetError } from '@resnet/core';

/**
 * The indices [first, end) of the images that the part `index` of `parts` evaluates; together the parts cover the set.
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
