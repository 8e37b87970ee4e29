import type { StrideOn } from '@resnet/blocks';
import { defined } from '@resnet/core';
import type { Model } from '@resnet/zoo';
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

const said = new WeakMap<Output, Set<string>>();

/** Weights may be opened more than once. */
function sayOnce(stream: Output, line: string): void {
  const lines = said.get(stream) ?? new Set();
  said.set(stream, lines);
  if (lines.has(line)) return;
  lines.add(line);
  printLine(stream, line);
}
