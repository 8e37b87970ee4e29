import { SHORTCUT_OPTIONS, type StateDict, sketch } from '@resnet/blocks';
import { checkInteger, noteRegistered, ResnetError, unknownName } from '@resnet/core';
import { cifarPlain, cifarResNet } from './cifar.js';
import { HIGHWAY_DEPTHS, highway } from './highway.js';
import { type ImageNetOptions, imageNetPlain, imageNetResNet } from './imagenet.js';
import type { Network } from './network.js';
import { CIFAR_DEPTHS, IMAGENET_DEPTHS, IMAGENET_PLANS, VGG_DEPTHS } from './plans.js';
import { vgg } from './vgg.js';

/** 2 GiB, nearly four times VGG-19: more would end in an error without a code. */
const MOST_PARAMETERS = 2 ** 29;

/**
 * The options of all networks; `create` refuses those that a network does not have. Custom networks may add options to this
 * interface and to `Architecture` by declaration merging. A network with another value of an option that is here needs another name.
 */
export interface NetworkOptions extends ImageNetOptions {}

export interface Registration {
  /** The options that it takes besides `classes`, `inChannels`, `imageSize`, `seed` and `initialize`. Default none. */
  options?: readonly (keyof NetworkOptions)[];
  /**
   * The options of the network that tensors of a file that does not describe itself are of.
   *
   * @param tensors under the names of PyTorch's modules
   * @returns undefined if they are of another network
   */
  recognize?: (tensors: StateDict) => NetworkOptions | undefined;
}

type Build = (options: NetworkOptions) => Network;

interface Entry extends Registration {
  build: Build;
  /** Whether it was added by `register`. */
  isRegistered?: boolean;
}

const common: readonly (keyof NetworkOptions)[] = [
  'classes',
  'inChannels',
  'imageSize',
  'seed',
  'initialize',
];
const ofImageNet = ['stem', 'outputStride'] as const;
const ofBlocks = ['shortcut', 'zeroInitLast'] as const;

const cifarEntry = (kind: 'resnet' | 'plain', depth: number): Entry =>
  kind === 'resnet'
    ? { build: (options) => cifarResNet(depth, options), options: ofBlocks }
    : { build: (options) => cifarPlain(depth, options) };

const entries = new Map<string, Entry>([
  ...CIFAR_DEPTHS.map((depth) => [`resnet${depth}`, cifarEntry('resnet', depth)] as const),
  ...CIFAR_DEPTHS.map((depth) => [`plain${depth}`, cifarEntry('plain', depth)] as const),
  ...IMAGENET_DEPTHS.map((depth): [string, Entry] => {
    const strideOn = IMAGENET_PLANS[depth].hasBottlenecks ? (['strideOn'] as const) : [];
    const options = [...ofImageNet, ...ofBlocks, ...strideOn];
    return [`resnet${depth}`, { build: (options) => imageNetResNet(depth, options), options }];
  }),
  ...([18, 34] as const).map((depth): [string, Entry] => [
    `plain${depth}`,
    { build: (options) => imageNetPlain(depth, options), options: ofImageNet },
  ]),
  ...VGG_DEPTHS.map((depth): [string, Entry] => [`vgg${depth}`, { build: (options) => vgg(depth, options) }]),
  ...HIGHWAY_DEPTHS.map((depth): [string, Entry] => [
    `highway${depth}`,
    { build: (options) => highway(depth, options) },
  ]),
]);

const names = [...entries.keys()];

/** The names of all networks, the registered ones last. `create` also takes CIFAR networks of other depths, as 'resnet14-cifar'. */
export const networkNames: readonly string[] = names;

/**
 * Gives a custom network a name for `create` and for the files of `saveModel`. A program that opens such a file has to call this
 * first.
 *
 * @param name of letters, digits, '.', '_' and '-'
 * @param build makes the network; its `architecture` has this name, and all options that are not as usual
 * @throws OPTION_INVALID if the name is another network's, or can't be one
 */
export function register(name: string, build: Build, registration: Registration = {}): void {
  if (!/^[a-z0-9][\w.-]{0,63}$/i.test(name)) {
    const message = `The name of a network is up to 64 letters, digits, '.', '_' and '-', found '${name.slice(0, 80)}'.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  if (entries.has(name) || otherDepth(name)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `There is a network called '${name}' already. Take another name.`,
    );
  }
  entries.set(name, { ...registration, build, isRegistered: true });
  names.push(name);
  noteRegistered('network', name);
}

/** The registered networks that such tensors may be of, with their options. */
export function recognizeRegistered(tensors: StateDict): (NetworkOptions & { name: string })[] {
  return [...entries].flatMap(([name, { recognize }]) => {
    const options = recognize?.(tensors);
    return options === undefined ? [] : [{ ...options, name }];
  });
}

/**
 * Builds a network by name: `create('resnet20', { classes: 100 })`.
 *
 * @returns a network in training mode, which owns its tensors until `dispose()`
 * @throws UNKNOWN_NAME for an unknown name, with the nearest; OPTION_INVALID for impossible options, for those
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

/** Throws the error of `create` for a name or depth of which there is no network, without memory for a network's values. */
export function checkNetworkName(name: string): void {
  createSketch(name, {});
}

/** As `create`, of any size, but without values. `zeroInitLast` needs values. */
export function createSketch(name: string, options: NetworkOptions): Network {
  return sketch(maker(name, options));
}

function maker(name: string, options: NetworkOptions): () => Network {
  const { build, options: own = [], isRegistered = false } = entryOf(name);
  const taken: readonly string[] = [...common, ...own];
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [option, value] of given) {
    if (!taken.includes(option)) {
      const message = `${name} has no option '${option}'. It has ${taken.join(', ')}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const choices = choicesOf[option];
    if (choices && !choices.includes(value)) throw unknownName(option, String(value), choices);
    if (option === 'classes' || option === 'inChannels') checkInteger(option, value, 1);
  }
  return () => {
    const network = build(Object.fromEntries(given));
    if (!isRegistered || network.architecture.name === name) return network;
    const message = `The network registered as '${name}' calls itself '${network.architecture.name}': its files could not be opened.`;
    throw new ResnetError('OPTION_INVALID', message);
  };
}

const choicesOf: Record<string, readonly string[]> = {
  shortcut: SHORTCUT_OPTIONS,
  strideOn: ['1x1', '3x3'],
  stem: ['imagenet', 'small'],
};

function otherDepth(name: string): Entry | undefined {
  const match = /^(resnet|plain)(\d{1,4})-cifar$/.exec(name);
  return match ? cifarEntry(match[1] as 'resnet' | 'plain', Number(match[2])) : undefined;
}

function entryOf(name: string): Entry {
  const entry = otherDepth(name) ?? entries.get(name);
  if (!entry) throw unknownName('network', name, networkNames);
  return entry;
}
