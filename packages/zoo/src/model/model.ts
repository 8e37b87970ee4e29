import type { StateDict, StrideOn } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type Normalization } from '@resnet/data';
import { defined } from '../defined.js';
import { isInt8 } from '../int8/is-int8.js';
import { isNumbers, isStrings } from '../json.js';
import type { Architecture, Network } from '../networks/network.js';
import { IMAGENET_DEPTHS } from '../networks/plans.js';
import type { NetworkOptions } from '../networks/registry.js';
import { type Config, readConfig } from '../weights/config.js';
import type { Weights } from '../weights/format.js';
import { type KeyScheme, normalizeKeys } from '../weights/keys.js';
import { recognize } from '../weights/recognize.js';
import { build, outline } from './build.js';
import { notOf, ofNoNetwork } from './mismatch.js';
import { checkpointNotes, guessesAt, recognizedBy } from './origin.js';
import { type Preprocessing, usualPreprocessing } from './preprocessing.js';

/** What is asked of a model's network, which may be quantized. */
export type ModelNetwork = Pick<
  Network,
  'architecture' | 'inputShape' | 'designSize' | 'parameterCount' | 'dispose'
>;

/** A network with everything needed to use it. */
export interface Model<Computes extends ModelNetwork = Network> {
  network: Computes;
  /** How pixels become its input, where that is known. */
  normalization?: Normalization;
  /** How images are scaled and cropped to its size, where that is not as usual for the network; `preprocessor` does it. */
  preprocessing?: Preprocessing;
  /** The names of its classes, where they are known. */
  classNames?: readonly string[];
  origin: Origin;
}

/** How the network and its normalization were recognized, for people. */
export interface Origin {
  /** How the network was recognized. */
  network: string;
  /** Where the normalization comes from. */
  normalization: string;
  /** What was removed from names, left out and guessed, with counts: one statement each. */
  notes: readonly string[];
}

export interface OpenOptions {
  /** The network, where the weights don't tell. */
  name?: string;
  /**
   * Which convolution of a bottleneck has the stride, which tensors don't tell. Default: what the file says of itself, else
   * the 3×3, as in the files of torchvision, timm and transformers; the original Caffe models want '1x1'.
   */
  strideOn?: StrideOn;
  /** Side of the images in pixels. Default: what the file says of itself, else the one that the network is designed for. */
  imageSize?: number;
}

/**
 * Builds the network that weights belong to, and loads them. A file that `packModel` wrote tells its architecture
 * and normalization itself; those of others are recognized by the names and shapes of their tensors, and by what timm or
 * transformers say in the metadata or in a config.json.
 *
 * @returns a network in inference mode, which owns its tensors until `dispose()`
 * @throws WEIGHTS_MISMATCH if the weights are not of the network named, or of none that is known: with the nearest, and what
 *   differs first; or if a configuration says that the network computes something else than its tensors show;
 *   WEIGHTS_QUANTIZED for those of a quantized network; UNKNOWN_NAME if the name is none; WEIGHTS_INVALID if the file's own description is broken, or two tensors get one name
 */
export function openModel(weights: Weights, options: OpenOptions = {}): Model {
  if (isInt8(weights)) {
    throw new ResnetError(
      'WEIGHTS_QUANTIZED',
      'These are the weights of a quantized network, which computes and does not train: `openInt8` opens them; `resnet eval` and `predict` take them.',
    );
  }
  const { tensors, scheme, notes } = normalizeKeys(weights.tensors);
  const described = describedArchitecture(weights.metadata);
  const { config, setAside } = described ? { config: {}, setAside: [] } : configOf(weights, options);
  const { name: foundName, ...architecture } = described ?? recognizedArchitecture(tensors, config, options);
  if (described && options.name !== undefined && options.name !== described.name) {
    const message = `The weights say that they are of ${described.name}, not of ${options.name}.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  const name = options.name ?? foundName;
  if (name === undefined) throw ofNoNetwork(tensors, weights.metadata);
  if (config.name !== undefined && config.name !== name && options.name === undefined) {
    const message = `The configuration that comes with the weights is of ${config.name}, but the tensors are of ${name}. If it is about other weights, move it away, or name the network.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  const { imageSize } = options;
  const expected = outline(name, architecture, tensors, imageSize);
  try {
    expected.checkStateDict(tensors);
  } catch (cause) {
    throw notOf(name, tensors, cause);
  }
  const network = build(name, architecture, tensors, imageSize);
  network.setTraining(false);
  const { normalization, source, isGuess } = normalizationOf(weights.metadata, config, scheme, network);
  const preprocessing =
    storedPreprocessing(weights.metadata, network, described?.imageSize) ??
    configuredPreprocessing(config, network);
  const classNames =
    parseMetadata(weights.metadata, 'resnet.classes', isStrings) ?? classNamesOf(config, network);
  return {
    network,
    ...defined({ normalization, preprocessing, classNames }),
    origin: {
      network: described ? 'the file’s own description' : recognizedBy(network, config),
      normalization: source,
      notes: [
        ...checkpointNotes(weights),
        ...notes,
        ...setAside,
        ...(config.notes ?? []),
        ...(described || options.name !== undefined ? [] : guessesAt(network)),
        ...(isGuess ? [`how images are normalized is a guess, by ${source}`] : []),
      ],
    },
  };
}

/** If the user names the network, a configuration that contradicts it is ignored. */
function configOf(
  { metadata, config }: Weights,
  { name }: OpenOptions,
): { config: Config; setAside: readonly string[] } {
  try {
    return { config: readConfig(metadata, config), setAside: [] };
  } catch (error) {
    if (name === undefined || !ResnetError.is(error)) throw error;
    const [problem] = error.message.split('. ');
    return { config: {}, setAside: [`as the network was named, this is set aside: ${problem}`] };
  }
}

/** What a configuration calls the classes, if it is all of them. */
function classNamesOf({ classNames }: Config, { architecture }: Network): readonly string[] | undefined {
  return classNames?.length === architecture.classes ? classNames : undefined;
}

/**
 * A model as tensors and metadata for a safetensors file that `openModel` understands and PyTorch loads: a copy of it
 * as it is at the moment of the call.
 */
export async function packModel(model: Omit<Model, 'origin'>): Promise<{
  tensors: StateDict;
  metadata: Record<string, string>;
}> {
  const metadata = { format: 'pt', ...packMetadata(model) };
  return { tensors: await model.network.stateDict(), metadata };
}

/** What is known of a model besides its weights, as the metadata of a file. */
export function packMetadata({
  network,
  normalization,
  preprocessing,
  classNames,
}: Omit<Model<ModelNetwork>, 'origin'>): Record<string, string> {
  // Nine digits tell any two float32 numbers apart.
  const numbers = (values: Float32Array) => Array.from(values, (value) => Number(value.toPrecision(9)));
  return {
    'resnet.architecture': JSON.stringify(network.architecture),
    ...(normalization && {
      'resnet.normalization': JSON.stringify({
        mean: numbers(normalization.mean),
        std: numbers(normalization.std),
      }),
    }),
    'resnet.preprocessing': JSON.stringify(preprocessing ?? usualPreprocessing(network)),
    ...(classNames && { 'resnet.classes': JSON.stringify(classNames) }),
  };
}

export function describedArchitecture(metadata: Record<string, string>): Architecture | undefined {
  return parseMetadata(metadata, 'resnet.architecture', (value): value is Architecture => {
    const { name, classes, inChannels } = (value ?? {}) as Partial<Architecture>;
    return typeof name === 'string' && typeof classes === 'number' && typeof inChannels === 'number';
  });
}

/** The architecture that the tensors and a configuration show; the user's options override it. */
function recognizedArchitecture(
  tensors: StateDict,
  { strideOn: configured, outputStride, imageSize }: Config,
  { name, strideOn = configured }: OpenOptions,
): NetworkOptions & { name: string | undefined } {
  const { name: foundName, ...found } = recognize(tensors, name);
  const isFound = name === undefined || name === foundName;
  const { classes, inChannels } = found;
  const takesStem = IMAGENET_DEPTHS.some((depth) => [`resnet${depth}`, `plain${depth}`].includes(name!));
  const shortcut = name?.startsWith('resnet') ? found.shortcut : undefined;
  const stem = takesStem ? found.stem : undefined;
  return {
    name: name ?? foundName,
    ...(isFound ? found : defined({ classes, inChannels, shortcut, stem })),
    ...defined({ strideOn, outputStride, imageSize }),
  };
}

function normalizationOf(
  metadata: Record<string, string>,
  config: Config,
  scheme: KeyScheme,
  network: Network,
): { normalization?: Normalization; source: string; isGuess?: boolean } {
  const stored = storedNormalization(metadata);
  if (stored) return { normalization: stored, source: 'the file’s own description' };
  const { inChannels, stem } = network.architecture;
  const { normalization: configured } = config;
  if (configured && [1, inChannels].includes(configured.mean.length)) {
    return { normalization: configured, source: 'the configuration that comes with the weights' };
  }
  // Other projects name tensors like akamaster, but have other networks and other numbers.
  if (scheme === 'akamaster' && network.designSize === 32 && stem === undefined && inChannels === 3) {
    const source =
      'the names of tensors, which are those of akamaster/pytorch_resnet_cifar10: it takes that of ImageNet';
    return { normalization: IMAGENET_NORMALIZATION, source, isGuess: true };
  }
  if (network.designSize === 224 && inChannels === 3) {
    const source = 'the network, which is one for ImageNet: it takes that of torchvision';
    return { normalization: IMAGENET_NORMALIZATION, source, isGuess: true };
  }
  return { source: 'nothing: it is not known' };
}

export function storedNormalization(metadata: Record<string, string>): Normalization | undefined {
  const stored = parseMetadata(
    metadata,
    'resnet.normalization',
    (value): value is { mean: number[]; std: number[] } => {
      const { mean, std } = (value ?? {}) as { mean?: unknown; std?: unknown };
      return isNumbers(mean) && isNumbers(std);
    },
  );
  return stored && { mean: Float32Array.from(stored.mean), std: Float32Array.from(stored.std) };
}

/** The preprocessing in a file, scaled to the network's present image size. */
export function storedPreprocessing(
  metadata: Record<string, string>,
  { designSize, inputShape: [size] }: Network,
  storedSize = designSize,
): Preprocessing | undefined {
  const stored = parseMetadata(metadata, 'resnet.preprocessing', (value): value is Preprocessing => {
    const { shorterSide, filter } = (value ?? {}) as Partial<Preprocessing>;
    const isSide =
      Number.isInteger(shorterSide) && shorterSide! >= storedSize && shorterSide! <= 4 * storedSize;
    return isSide && (filter === 'bilinear' || filter === 'bicubic');
  });
  return stored && { ...stored, shorterSide: Math.round((stored.shorterSide * size) / storedSize) };
}

/** The preprocessing of a configuration, rounded as timm and transformers do; undefined where it is as usual. */
function configuredPreprocessing({ crop, filter }: Config, network: Network): Preprocessing | undefined {
  const usual = usualPreprocessing(network);
  const configured = {
    shorterSide: crop === undefined ? usual.shorterSide : Math.floor(network.inputShape[0] / crop),
    filter: filter ?? usual.filter,
  };
  const isUsual = configured.shorterSide === usual.shorterSide && configured.filter === usual.filter;
  return isUsual ? undefined : configured;
}

export function parseMetadata<T>(
  metadata: Record<string, string>,
  key: string,
  isValid: (value: unknown) => value is T,
): T | undefined {
  if (!Object.hasOwn(metadata, key)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(metadata[key]!);
  } catch {
    value = undefined;
  }
  if (!isValid(value)) {
    throw new ResnetError(
      'WEIGHTS_INVALID',
      `The file's metadata '${key}' is broken: ${metadata[key]!.slice(0, 80)}`,
    );
  }
  return value;
}
