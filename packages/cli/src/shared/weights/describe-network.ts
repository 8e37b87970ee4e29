import { formatCount } from '@resnet/core';
import type { Network } from '@resnet/zoo';
import { formatShape } from '../terminal/format.js';

/** 'resnet20: 269,722 parameters, shortcuts A, images of 32 × 32 × 3, 10 classes' */
export function describeNetwork(
  network: Pick<Network, 'architecture' | 'inputShape' | 'parameterCount'>,
): string {
  const { name, classes, shortcut } = network.architecture;
  return [
    `${name}: ${formatCount(network.parameterCount())} parameters`,
    shortcut === undefined ? 'no shortcuts' : `shortcuts ${shortcut}`,
    `images of ${formatShape(network.inputShape)}`,
    `${classes} classes`,
  ].join(', ');
}
