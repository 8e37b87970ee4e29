import { ResnetError } from '@resnet/backend';
import type { StateDict, StrideOn } from '@resnet/blocks';
import { IMAGENET_NORMALIZATION, type Normalization } from '@resnet/data';
import type { Architecture, Network } from './network.js';
import { type Preprocessing, usualPreprocessing } from './preprocessing.js';
import { create, type NetworkOptions } from './registry.js';
import type { Weights } from './weights/format.js';
import { type KeyScheme, normalizeKeys } from './weights/keys.js';
import { recognize } from './weights/recognize.js';

/** A network with all that it takes to use it. */
export interface Model {
  network: Network;
  /** How pixels become its input, where that is known. */
  normalization?: Normalization;
  /** How images are brought to its size, where that is not as usual for the network; `preprocessor` does it. */
  preprocessing?: Preprocessing;
  /** The names of its classes, where they are known. */
  classNames?: readonly string[];
  /** For people: what the network and the normalisation were known by. */
  origin: { network: string; normalization: string };
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
 * and normalisation itself; those of others are recognised by the names and shapes of their tensors.
 *
 * @returns a network in inference mode, which owns its tensors until `dispose()`
 * @throws WEIGHTS_MISMATCH if the weights are not of the network named, or of none that is known;
 *   UNKNOWN_NAME if the name is none; WEIGHTS_INVALID if the file's own description is broken
 */
export function openModel(weights: Weights, options: OpenOptions = {}): Model {
  const { tensors, scheme } = normalizeKeys(weights.tensors);
  const described = describedArchitecture(weights.metadata);
  const { name: foundName, ...architecture } = described ?? recognizedArchitecture(tensors, options);
  if (described && options.name !== undefined && options.name !== described.name) {
    const message = `The weights say that they are of ${described.name}, not of ${options.name}.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  const name = options.name ?? foundName;
  if (name === undefined) {
    const message = `No network of this project has these ${tensors.size} tensors (${[...tensors.keys()].slice(0, 3).join(', ')}, …). Name the network to see what differs.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  const { imageSize } = options;
  const network = build(name, architecture, tensors, imageSize);
  try {
    network.loadStateDict(tensors);
  } catch (error) {
    network.dispose();
    throw error;
  }
  network.setTraining(false);
  const { normalization, source } = normalizationOf(weights.metadata, scheme, network);
  const preprocessing = storedPreprocessing(weights.metadata, network, described?.imageSize);
  const classNames = parseMetadata(weights.metadata, 'resnet.classes', isStringArray);
  return {
    network,
    ...(normalization ? { normalization } : {}),
    ...(preprocessing ? { preprocessing } : {}),
    ...(classNames ? { classNames } : {}),
    origin: {
      network: described ? 'the file’s own description' : 'the tensors’ names and shapes',
      normalization: source,
    },
  };
}

/** Builds a network for a stranger's weights: no larger than they are, and what is wrong is theirs, but for the user's size. */
function build(
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
}: Omit<Model, 'origin'>): Record<string, string> {
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

function describedArchitecture(metadata: Record<string, string>): Architecture | undefined {
  return parseMetadata(metadata, 'resnet.architecture', (value): value is Architecture => {
    const { name, classes, inChannels } = (value ?? {}) as Partial<Architecture>;
    return typeof name === 'string' && typeof classes === 'number' && typeof inChannels === 'number';
  });
}

/** The architecture that the tensors show; the user's word goes first. */
function recognizedArchitecture(
  tensors: StateDict,
  { name, strideOn }: OpenOptions,
): NetworkOptions & { name: string | undefined } {
  const { name: foundName, ...found } = recognize(tensors);
  const isFound = name === undefined || name === foundName;
  const { classes, inChannels, shortcut } = found;
  return {
    name: name ?? foundName,
    ...(isFound
      ? found
      : {
          ...(classes === undefined ? {} : { classes }),
          ...(inChannels === undefined ? {} : { inChannels }),
          ...(shortcut === undefined || !name.startsWith('resnet') ? {} : { shortcut }),
        }),
    ...(strideOn === undefined ? {} : { strideOn }),
  };
}

function normalizationOf(
  metadata: Record<string, string>,
  scheme: KeyScheme,
  network: Network,
): { normalization?: Normalization; source: string } {
  const stored = parseMetadata(
    metadata,
    'resnet.normalization',
    (value): value is { mean: number[]; std: number[] } => {
      const { mean, std } = (value ?? {}) as { mean?: unknown; std?: unknown };
      return isNumberArray(mean) && isNumberArray(std);
    },
  );
  if (stored) {
    const normalization = { mean: Float32Array.from(stored.mean), std: Float32Array.from(stored.std) };
    return { normalization, source: 'the file’s own description' };
  }
  if (scheme === 'akamaster') {
    const source =
      'the names of tensors, which are those of akamaster/pytorch_resnet_cifar10: it takes that of ImageNet';
    return { normalization: IMAGENET_NORMALIZATION, source };
  }
  if (network.designSize === 224 && network.architecture.inChannels === 3) {
    const source = 'the network, which is one for ImageNet: it takes that of torchvision';
    return { normalization: IMAGENET_NORMALIZATION, source };
  }
  return { source: 'nothing: it is not known' };
}

/** What a file says, for the size of the images that the network has now. */
function storedPreprocessing(
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

function parseMetadata<T>(
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

const isNumberArray = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((entry) => Number.isFinite(entry));

const isStringArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');
