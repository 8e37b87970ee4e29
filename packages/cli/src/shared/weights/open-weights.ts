import type { StrideOn } from '@resnet/blocks';
import type { Model } from '@resnet/zoo';
import type { Io, Output } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';
import { findWeights } from './find-weights.js';

/** How weights are to be opened, where they don't tell. */
export interface WeightsOptions {
  /** The network. */
  name?: string;
  /** Of a checkpoint with several dicts of tensors, the one to take. */
  key?: string;
  strideOn?: StrideOn;
  /** Side of the images in pixels. */
  imageSize?: number;
}

/** A model, and the file that it is from. */
export interface OpenedWeights {
  model: Model;
  path: string;
}

/**
 * Opens what stands after --weights, and says once on the standard error what of it was taken off, left out or guessed.
 *
 * @throws as `findWeights` and `loadModel` do
 */
export async function openWeights(name: string, options: WeightsOptions, io: Io): Promise<OpenedWeights> {
  const { path, open } = await findWeights(name, io);
  const model = await open(options);
  const { notes } = model.origin;
  if (notes.length > 0) sayOnce(io.stderr, `note: ${name}: ${notes.join('; ')}.`);
  return { model, path };
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
