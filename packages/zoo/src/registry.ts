import { SHORTCUT_OPTIONS, sketch } from '@resnet/blocks';
import { ResnetError, unknownName } from '@resnet/core';
import { CIFAR_DEPTHS, cifarPlain, cifarResNet } from './cifar-network.js';
import { HIGHWAY_DEPTHS, highway } from './highway.js';
import { IMAGENET_DEPTHS, type ImageNetOptions, imageNetPlain, imageNetResNet } from './imagenet-network.js';
import type { Network } from './network.js';
import { VGG_DEPTHS, vgg } from './vgg.js';

/** Ten times those of ResNet-152 and four times those of VGG-19, in 2 GiB: more would end in an error without a code. */
export const MOST_PARAMETERS = 2 ** 29;

/** The options of all networks; `create` refuses those that the network at hand does not take. */
export type NetworkOptions = ImageNetOptions;

interface Entry {
  name: string;
  build(options: NetworkOptions): Network;
  /** The options that it takes. */
  options: readonly (keyof NetworkOptions)[];
}

const common = ['classes', 'inChannels', 'imageSize', 'seed', 'initialize'] as const;
const ofImageNet = [...common, 'stem', 'outputStride'] as const;
const ofBlocks = ['shortcut', 'zeroInitLast'] as const;

const cifarEntry = (kind: 'resnet' | 'plain', depth: number): Entry =>
  kind === 'resnet'
    ? {
        name: `resnet${depth}`,
        build: (options) => cifarResNet(depth, options),
        options: [...common, ...ofBlocks],
      }
    : { name: `plain${depth}`, build: (options) => cifarPlain(depth, options), options: common };

const entries: readonly Entry[] = [
  ...CIFAR_DEPTHS.map((depth) => cifarEntry('resnet', depth)),
  ...CIFAR_DEPTHS.map((depth) => cifarEntry('plain', depth)),
  ...IMAGENET_DEPTHS.map((depth): Entry => {
    const strideOn = depth < 50 ? [] : (['strideOn'] as const);
    return {
      name: `resnet${depth}`,
      build: (options) => imageNetResNet(depth, options),
      options: [...ofImageNet, ...ofBlocks, ...strideOn],
    };
  }),
  ...([18, 34] as const).map(
    (depth): Entry => ({
      name: `plain${depth}`,
      build: (options) => imageNetPlain(depth, options),
      options: ofImageNet,
    }),
  ),
  ...VGG_DEPTHS.map(
    (depth): Entry => ({ name: `vgg${depth}`, build: (options) => vgg(depth, options), options: common }),
  ),
  ...HIGHWAY_DEPTHS.map(
    (depth): Entry => ({
      name: `highway${depth}`,
      build: (options) => highway(depth, options),
      options: common,
    }),
  ),
];

/** The names of all networks. `create` also takes CIFAR networks of other depths, as 'resnet14-cifar'. */
export const networkNames: readonly string[] = entries.map(({ name }) => name);

/**
 * Builds a network by name: `create('resnet20', { classes: 100 })`.
 *
 * @returns a network in training mode, which owns its tensors until `dispose()`
 * @throws UNKNOWN_NAME for a name that is none, with the nearest; OPTION_INVALID for impossible options, for those
 *   that the network does not have, and for a network of more than 2²⁹ parameters
 */
export function create(name: string, options: NetworkOptions = {}): Network {
  const { zeroInitLast: _, ...sizes } = options;
  const parameters = createSketch(name, sizes).parameterCount();
  if (parameters <= MOST_PARAMETERS) return maker(name, options)();
  throw new ResnetError(
    'OPTION_INVALID',
    `${name} would have ${parameters} parameters with these options, and at most ${MOST_PARAMETERS} can be held. Give it ` +
      'fewer classes, channels or layers.',
  );
}

/** As `create`, of any size, but without values; `zeroInitLast` would need some. */
export function createSketch(name: string, options: NetworkOptions): Network {
  return sketch(maker(name, options));
}

function maker(name: string, options: NetworkOptions): () => Network {
  const { build, options: taken } = entryOf(name);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [option, value] of given) {
    if (!(taken as readonly string[]).includes(option)) {
      const message = `${name} has no option '${option}'. It has ${taken.join(', ')}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const choices = choicesOf[option];
    if (choices && !choices.includes(value)) throw unknownName(option, String(value), choices);
    const isCount = option === 'classes' || option === 'inChannels';
    if (isCount && (!Number.isInteger(value) || value < 1)) {
      throw new ResnetError('OPTION_INVALID', `${option} must be an integer of at least 1, found ${value}.`);
    }
  }
  return () => build(Object.fromEntries(given));
}

const choicesOf: Record<string, readonly string[]> = {
  shortcut: SHORTCUT_OPTIONS,
  strideOn: ['1x1', '3x3'],
  stem: ['imagenet', 'small'],
};

function entryOf(name: string): Entry {
  const other = /^(resnet|plain)(\d{1,4})-cifar$/.exec(name);
  if (other) return cifarEntry(other[1] as 'resnet' | 'plain', Number(other[2]));
  const entry = entries.find((entry) => entry.name === name);
  if (!entry) throw unknownName('network', name, networkNames);
  return entry;
}
