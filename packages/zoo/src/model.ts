import { ResnetError } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { IMAGENET_NORMALIZATION, type Normalization } from '@resnet/data';
import type { Architecture, Network } from './network.js';
import { create, type NetworkOptions, networkNames } from './registry.js';
import type { Weights } from './weights/format.js';
import { cifarDepth, type KeyScheme, normalizeKeys } from './weights/keys.js';

/** A network with all that it takes to use it. */
export interface Model {
  network: Network;
  /** How pixels become its input, where that is known. */
  normalization?: Normalization;
  /** The names of its classes, where they are known. */
  classNames?: readonly string[];
  /** For people: what the network and the normalisation were known by. */
  origin: { network: string; normalization: string };
}

/**
 * Builds the network that weights belong to, and loads them. A file that `packModel` wrote tells its architecture
 * and normalisation itself; those of others are recognised by the names and shapes of their tensors.
 *
 * @param options.name the network, where the weights don't tell
 * @returns a network in inference mode, which owns its tensors until `dispose()`
 * @throws WEIGHTS_MISMATCH if the weights are not of the network named, or of none that is known;
 *   UNKNOWN_NAME if the name is none; WEIGHTS_INVALID if the file's own description is broken
 */
export function openModel(weights: Weights, options: { name?: string } = {}): Model {
  const { tensors, scheme } = normalizeKeys(weights.tensors);
  const described = describedArchitecture(weights.metadata);
  const { name: foundName, ...architecture } = described ?? recognizedArchitecture(tensors, options.name);
  if (described && options.name !== undefined && options.name !== described.name) {
    const message = `The weights say that they are of ${described.name}, not of ${options.name}.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  const name = options.name ?? foundName;
  if (name === undefined) {
    const message = `No network of this project has these ${tensors.size} tensors (${[...tensors.keys()].slice(0, 3).join(', ')}, …). Name the network to see what differs.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  const network = build(name, architecture, tensors);
  try {
    network.loadStateDict(tensors);
  } catch (error) {
    network.dispose();
    throw error;
  }
  network.setTraining(false);
  const { normalization, source } = normalizationOf(weights.metadata, scheme);
  const classNames = parseMetadata(weights.metadata, 'resnet.classes', isStringArray);
  return {
    network,
    ...(normalization ? { normalization } : {}),
    ...(classNames ? { classNames } : {}),
    origin: {
      network: described ? 'the file’s own description' : 'the tensors’ names and shapes',
      normalization: source,
    },
  };
}

/** Builds a network for a stranger's weights: no larger than they are, and what is wrong is theirs. */
function build(name: string, architecture: NetworkOptions, tensors: StateDict): Network {
  const values = (key: string) => tensors.get(key)?.data.length ?? 0;
  const { classes = 0, inChannels = 0 } = architecture;
  if (networkNames.includes(name) && (classes > values('fc.bias') || inChannels > values('conv1.weight'))) {
    const message = `The weights have too few values for ${classes} classes and images of ${inChannels} channels.`;
    throw new ResnetError('WEIGHTS_MISMATCH', message);
  }
  try {
    return create(name, architecture);
  } catch (cause) {
    if (!ResnetError.is(cause) || cause.code === 'UNKNOWN_NAME') throw cause;
    throw new ResnetError('WEIGHTS_INVALID', `The weights describe an impossible network: ${cause.message}`, {
      cause,
    });
  }
}

/** A model as tensors and metadata for a safetensors file that `openModel` understands and PyTorch loads. */
export function packModel(model: Omit<Model, 'origin'>): {
  tensors: StateDict;
  metadata: Record<string, string>;
} {
  const { network, normalization, classNames } = model;
  // Nine digits tell any two float32 numbers apart.
  const numbers = (values: Float32Array) => Array.from(values, (value) => Number(value.toPrecision(9)));
  return {
    tensors: network.stateDict(),
    metadata: {
      format: 'pt',
      'resnet.architecture': JSON.stringify(network.architecture),
      ...(normalization && {
        'resnet.normalization': JSON.stringify({
          mean: numbers(normalization.mean),
          std: numbers(normalization.std),
        }),
      }),
      ...(classNames && { 'resnet.classes': JSON.stringify(classNames) }),
    },
  };
}

function describedArchitecture(metadata: Record<string, string>): Architecture | undefined {
  return parseMetadata(metadata, 'resnet.architecture', (value): value is Architecture => {
    const { name, classes, inChannels } = (value ?? {}) as Partial<Architecture>;
    return typeof name === 'string' && typeof classes === 'number' && typeof inChannels === 'number';
  });
}

/** What can be told of an architecture from its tensors; the user's word for the name goes first. */
function recognizedArchitecture(
  tensors: StateDict,
  name?: string,
): NetworkOptions & { name: string | undefined } {
  const depth = cifarDepth(tensors);
  const classes = tensors.get('fc.bias')?.shape[0];
  const inChannels = tensors.get('conv1.weight')?.shape[1];
  const projections = [...tensors.keys()].filter((key) => key.endsWith('downsample.0.weight')).length;
  const isPlain = name?.startsWith('plain') ?? false;
  return {
    name: depth === undefined ? undefined : `resnet${depth}`,
    ...(classes === undefined ? {} : { classes }),
    ...(inChannels === undefined ? {} : { inChannels }),
    ...(isPlain ? {} : { shortcut: projections === 0 ? 'A' : projections === 2 ? 'B' : 'C' }),
  };
}

function normalizationOf(
  metadata: Record<string, string>,
  scheme: KeyScheme,
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
  return { source: 'nothing: it is not known' };
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
