import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type { Network } from '../networks/network.js';
import { CIFAR_DEPTHS } from '../networks/plans.js';
import { create, createSketch, type NetworkOptions } from '../networks/registry.js';

/**
 * The network that a stranger's weights are said to be of, without values: it takes no more memory than names and shapes.
 * What is wrong is the weights' fault, but for the user's size.
 *
 * @param imageSize the user's
 * @throws WEIGHTS_MISMATCH if there are far fewer tensors than it has layers; WEIGHTS_INVALID if it is impossible;
 *   UNKNOWN_NAME
 */
export function outline(
  name: string,
  architecture: NetworkOptions,
  tensors: StateDict,
  imageSize = architecture.imageSize,
): Network {
  const depth = Number(/^(?:resnet|plain)(\d+)-cifar$/.exec(name)?.[1] ?? 0);
  if (depth > Math.max(tensors.size, ...CIFAR_DEPTHS)) {
    throw new ResnetError('WEIGHTS_MISMATCH', `${tensors.size} tensors can't be the weights of ${name}.`);
  }
  try {
    return createSketch(name, optionsOf(architecture, imageSize));
  } catch (cause) {
    const isUsers = imageSize !== architecture.imageSize;
    if (!ResnetError.is(cause) || cause.code === 'UNKNOWN_NAME' || isUsers) throw cause;
    throw new ResnetError('WEIGHTS_INVALID', `The weights describe an impossible network: ${cause.message}`, {
      cause,
    });
  }
}

/** The network with the weights, which must have been compared with its outline. */
export function build(
  name: string,
  architecture: NetworkOptions,
  tensors: StateDict,
  imageSize = architecture.imageSize,
): Network {
  const network = create(name, optionsOf(architecture, imageSize));
  network.loadStateDict(tensors);
  return network;
}

/** A stranger's description may hold any option; the initial weights are not its business. */
function optionsOf(
  { seed: _, zeroInitLast: __, imageSize: ___, ...architecture }: NetworkOptions,
  imageSize: number | undefined,
): NetworkOptions {
  return { ...architecture, ...(imageSize === undefined ? {} : { imageSize }), initialize: false };
}
