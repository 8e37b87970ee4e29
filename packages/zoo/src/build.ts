import { ResnetError } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import type { Network } from './network.js';
import { create, type NetworkOptions } from './registry.js';

/**
 * Builds a network for a stranger's weights: no larger than they are, and what is wrong is theirs, but for the user's size.
 *
 * @param imageSize the user's
 */
export function build(
  name: string,
  architecture: NetworkOptions,
  tensors: StateDict,
  imageSize = architecture.imageSize,
): Network {
  let values = 0;
  for (const { data } of tensors.values()) values += data.length;
  const { classes = 0, inChannels = 0 } = architecture;
  const depth = Number(/\d+/.exec(name)?.[0] ?? 0);
  if (Math.max(classes, inChannels, depth) > values) {
    const message = `The weights have too few values for ${name} with ${classes} classes and images of ${inChannels} channels.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  try {
    return create(name, {
      ...architecture,
      ...(imageSize === undefined ? {} : { imageSize }),
      initialize: false,
    });
  } catch (cause) {
    const isUsers = imageSize !== architecture.imageSize;
    if (!ResnetError.is(cause) || cause.code === 'UNKNOWN_NAME' || isUsers) throw cause;
    throw new ResnetError('WEIGHTS_INVALID', `The weights describe an impossible network: ${cause.message}`, {
      cause,
    });
  }
}
