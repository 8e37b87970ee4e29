import type { Weights } from '../weights/format.js';

/** The metadata of a file in which the ranges of a quantized network's activations are. */
export const INT8_KEY = 'resnet.int8';

/** Whether weights are those of a quantized network. */
export function isInt8({ metadata }: Pick<Weights, 'metadata'>): boolean {
  return Object.hasOwn(metadata, INT8_KEY);
}
