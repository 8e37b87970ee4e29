import { Random, ResnetError } from '@resnet/core';
import { type Dataset, labelsOf } from './dataset.js';
import { type ImageSet, selectImages, validateImageSet } from './image-set.js';
import { subset } from './subset.js';

/**
 * Sets some images aside, the same share of every class up to rounding: the paper's split of
 * CIFAR-10 into 45,000 to train on and 5,000 to validate with (Section 4.2). Both parts keep the set's order.
 *
 * @param heldOut how many images to set aside, from 1 to one less than all
 * @param seed decides which
 * @returns copies, for a set in memory; else sets that read from the given one, which stays as it is
 * @throws OPTION_INVALID if `heldOut` or the seed is out of range, or the set is only streamed; DATA_INVALID if the set is inconsistent
 */
export function splitImages<Set extends ImageSet | Dataset>(
  set: Set,
  heldOut: number,
  seed: number,
): { train: Set; heldOut: Set } {
  if ('images' in set) validateImageSet(set);
  if (!Number.isInteger(heldOut) || heldOut < 1 || heldOut >= set.count) {
    throw new ResnetError(
      'OPTION_INVALID',
      `heldOut must be an integer from 1 to ${set.count - 1} for '${set.name}', found ${heldOut}.`,
    );
  }
  const members: number[][] = set.classes.map(() => []);
  const labels = 'images' in set ? set.labels : labelsOf(set);
  for (const [index, label] of labels.entries()) members[label]!.push(index);
  const shares = apportion(
    members.map((indices) => indices.length),
    heldOut,
  );

  const isHeldOut = new Uint8Array(set.count);
  members.forEach((indices, label) => {
    const order = new Random(seed, label).permutation(indices.length);
    for (const position of order.subarray(0, shares[label])) isHeldOut[indices[position]!] = 1;
  });
  const part = (held: 0 | 1, name: string): Set => {
    const indices = [...isHeldOut.keys()].filter((index) => isHeldOut[index] === held);
    const selected =
      'images' in set ? selectImages(set, indices) : subset(set, indices.length, (index) => indices[index]!);
    return { ...selected, name: `${set.name} (${name})` } as Set;
  };
  return { train: part(0, 'without the held-out images'), heldOut: part(1, 'held out') };
}

/** Divides `total` in proportion to `sizes` into integers; those with the largest remainders are rounded up. */
function apportion(sizes: number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const shares = sizes.map((size) => Math.floor((size * total) / all));
  const left = total - shares.reduce((sum, share) => sum + share, 0);
  const remainder = (index: number) => (sizes[index]! * total) % all;
  const byRemainder = sizes.map((_, index) => index).sort((a, b) => remainder(b) - remainder(a));
  for (const index of byRemainder.slice(0, left)) shares[index]!++;
  return shares;
}
