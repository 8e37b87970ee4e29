import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import type { Network } from '../networks/network.js';
import { CIFAR_DEPTHS } from '../networks/plans.js';
import { create, createSketch, type NetworkOptions } from '../networks/registry.js';

/**
 * The network that untrusted weights are said to belong to, without values: it needs memory for names and shapes only. Errors are
 * the weights' fault, except for a size that the user chose.
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

/** The network with the weights, which have been compared with its outline before. */
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

/** Without options of the initial weights, which an untrusted description may hold as well. */
function optionsOf(
  { seed: _, zeroInitLast: __, imageSize: ___, ...architecture }: NetworkOptions,
  imageSize: number | undefined,
): NetworkOptions {
  return { ...architecture, ...defined({ imageSize }), initialize: false };
}
