import type { StrideOn } from '@resnet/blocks';
import { defined, ResnetError } from '@resnet/core';
import { type Classifier, type Engine, type Int8Model, type Model, prepare } from '@resnet/zoo';
import { loadInt8Model } from '@resnet/zoo/node';
import type { Io, Output } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';
import { findWeights } from './find-weights.js';

/** The options of a command that say how weights are opened, where they don't tell. */
export interface WeightsOptions {
  /** The network. */
  model?: string;
  /** Of a checkpoint with several dicts of tensors, the one to take. */
  key?: string;
  /** Side of the images in pixels. */
  size?: number;
}

/** A model, and the file that it is from. */
export interface OpenedWeights {
  model: Model;
  path: string;
}

/**
 * Opens what --weights names, and says once on the standard error what of it was taken off, left out or guessed.
 *
 * @throws as `findWeights` and `loadModel` do
 */
export async function openWeights(
  weights: string,
  { model: name, key, size: imageSize, strideOn }: WeightsOptions & { strideOn?: StrideOn | undefined },
  io: Io,
): Promise<OpenedWeights> {
  const { path, open } = await findWeights(weights, io);
  const model = await open(defined({ name, key, imageSize, strideOn }));
  const { notes } = model.origin;
  if (notes.length > 0) sayOnce(io.stderr, `note: ${weights}: ${notes.join('; ')}.`);
  return { model, path };
}

/** A model whose network may be quantized, and the file that it is from. */
export interface OpenedClassifier {
  model: Model | Int8Model;
  path: string;
}

/**
 * As `openWeights`, for commands that compute with a network and do not change it: takes those of quantized networks too.
 *
 * @throws OPTION_INVALID for options that the file of a quantized network answers itself
 */
export async function openClassifier(
  weights: string,
  options: WeightsOptions,
  io: Io,
): Promise<OpenedClassifier> {
  try {
    return await openWeights(weights, options, io);
  } catch (error) {
    if (!ResnetError.is(error) || error.code !== 'WEIGHTS_QUANTIZED') throw error;
    const { path } = await findWeights(weights, io);
    const [option] = Object.entries({ model: options.model, key: options.key, size: options.size }).find(
      ([, value]) => value !== undefined,
    ) ?? [undefined];
    if (option !== undefined) {
      const message = `--${option} is for weights that don't tell; those of a quantized network, ${weights}, do.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    return { model: await loadInt8Model(path), path };
  }
}

/** What computes a model's logits; it owns all that is left of the model. */
export async function classifierOf({ network }: Model | Int8Model, engine: Engine): Promise<Classifier> {
  const classifier = await prepare(network, { engine });
  if (classifier !== network) network.dispose();
  return classifier;
}

const said = new WeakMap<Output, Set<string>>();

/** Weights may be opened more than once. */
function sayOnce(stream: Output, line: string): void {
  const lines = said.get(stream) ?? new Set();
  said.set(stream, lines);
  if (lines.has(line)) return;
  lines.add(line);
  printLine(stream, line);
}
