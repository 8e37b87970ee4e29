import { ResnetError, unknownName } from '@resnet/backend';
import { SHORTCUT_OPTIONS } from '@resnet/blocks';
import { type CifarOptions, cifarPlain, cifarResNet } from './cifar-network.js';
import type { Network } from './network.js';

export type NetworkOptions = CifarOptions;

const cifarDepths = [20, 32, 44, 56, 110, 1202] as const;

const builders = new Map<string, (options: NetworkOptions) => Network>([
  ...cifarDepths.map(
    (depth) => [`resnet${depth}`, (options: NetworkOptions) => cifarResNet(depth, options)] as const,
  ),
  ...cifarDepths.map(
    (depth) => [`plain${depth}`, (options: NetworkOptions) => plain(depth, options)] as const,
  ),
]);

/** The names of all networks. */
export const networkNames: readonly string[] = [...builders.keys()];

/**
 * Builds a network by name: `create('resnet20', { classes: 100 })`.
 *
 * @returns a network in training mode, which owns its tensors until `dispose()`
 * @throws UNKNOWN_NAME for a name that is none, with the nearest; OPTION_INVALID for impossible options
 */
export function create(name: string, options: NetworkOptions = {}): Network {
  const build = builders.get(name);
  if (!build) throw unknownName('network', name, networkNames);
  const { classes = 10, inChannels = 3, shortcut } = options;
  for (const [option, value] of Object.entries({ classes, inChannels })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ResnetError('OPTION_INVALID', `${option} must be an integer of at least 1, found ${value}.`);
    }
  }
  if (shortcut !== undefined && !SHORTCUT_OPTIONS.includes(shortcut))
    throw unknownName('shortcut', shortcut, SHORTCUT_OPTIONS);
  return build(options);
}

function plain(depth: number, { shortcut, ...options }: NetworkOptions): Network {
  if (shortcut !== undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      `A plain network has no shortcuts, found shortcut '${shortcut}'.`,
    );
  }
  return cifarPlain(depth, options);
}
