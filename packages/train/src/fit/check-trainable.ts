import { ResnetError } from '@resnet/core';
import { checkNormalization, type Network } from '@resnet/zoo';
import type { FitOptions } from './fit-options.js';

/**
 * Checks that there is something to learn, and that the inputs will be what the network takes.
 *
 * @throws DATA_INVALID if there are less than two classes; SHAPE_MISMATCH as `checkNormalization` does
 */
export function checkTrainable(
  network: Network,
  options: Pick<FitOptions, 'train' | 'normalization' | 'transform'>,
): void {
  const { train, normalization, transform } = options;
  const { name, classes } = train;
  if (classes.length < 2) {
    const found = classes.length === 0 ? 'none' : `only '${classes[0]}'`;
    const message = `'${name}' must have at least two classes for a network to tell apart, found ${found}.`;
    throw new ResnetError('DATA_INVALID', message);
  }
  // A custom transform may make images of another size.
  if (!transform) checkNormalization(network, normalization);
}
