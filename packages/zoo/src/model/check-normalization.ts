import { ResnetError } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import type { Network } from '../networks/network.js';

/**
 * Checks that a normalization is for images as a network takes them.
 *
 * @throws SHAPE_MISMATCH if it has numbers for other channels, or a mean for each pixel of images of another size
 */
export function checkNormalization(
  network: Pick<Network, 'architecture' | 'inputShape'>,
  { mean, std }: Normalization,
): void {
  const { name, inChannels } = network.architecture;
  const [size] = network.inputShape;
  const isMeanFor = (side: number) => mean.length === side * side * inChannels;
  if (std.length === inChannels && (mean.length === inChannels || isMeanFor(size))) return;
  const side = Math.sqrt(mean.length / inChannels);
  const found =
    std.length === inChannels && Number.isInteger(side)
      ? `the mean has a number for each pixel of images of ${side} × ${side}. Give the network that size (--size ${side}), ` +
        'or take one number a channel (--mean and --std)'
      : `there are ${mean.length} means and ${std.length} standard deviations. Take one number a channel`;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${name} takes images of ${network.inputShape.join(' × ')}, but ${found}.`,
  );
}
