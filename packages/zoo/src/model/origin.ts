import { quote } from '@resnet/files';
import type { Network } from '../networks/network.js';
import { networkNames } from '../networks/registry.js';
import type { Config } from '../weights/config.js';
import type { Weights } from '../weights/format.js';

/** Where in a checkpoint the tensors were, and what else is in it. */
export function checkpointNotes({ key, leftOut = [] }: Weights): string[] {
  const shown = leftOut.slice(0, 8).map(quote).join(', ');
  const more = leftOut.length > 8 ? ` and ${leftOut.length - 8} more` : '';
  return [
    ...(key === undefined ? [] : [`the tensors are those under ${quote(key)}`]),
    ...(leftOut.length === 0 ? [] : [`${leftOut.length} beside the tensors left out: ${shown}${more}`]),
  ];
}

/** How a network was recognized, for people, with what its tensors can't show. */
export function recognizedBy({ inputShape, architecture }: Network, config: Config): string {
  if (config.name !== undefined) return 'the tensors’ names and shapes, and the configuration with them';
  const tensors = 'the tensors’ names and shapes';
  if (inputShape[0] !== 224 || !architecture.name.startsWith('resnet')) return tensors;
  const stride = architecture.strideOn === undefined ? '' : ', the position of the stride';
  return `${tensors}, which don’t tell the activation, the pooling, anti-aliasing, dilation${stride}: those of torchvision are assumed`;
}

/** What else the tensors could be. */
export function guessesAt({ architecture: { name, shortcut } }: Network): string[] {
  if (shortcut !== 'A' || !networkNames.includes(plainOf(name))) return [];
  return [`${plainOf(name)} has the same tensors as ${name} with shortcuts A, which they are taken for`];
}

const plainOf = (name: string) => name.replace('resnet', 'plain');
