import type { Random } from '@resnet/core';

/** Draws the initial values of a filter or a matrix; `fanIn` is the number of inputs of one output. */
export type Initialization = (size: number, fanIn: number, random: Random) => Float32Array;

/**
 * Values drawn from a normal distribution with standard deviation √(2 / fanIn), which keeps the variance of the
 * signal through layers with ReLU (He et al., "Delving Deep into Rectifiers", Equation 10; the paper's
 * Section 3.4).
 */
export function heNormal(size: number, fanIn: number, random: Random): Float32Array {
  const deviation = Math.sqrt(2 / fanIn);
  const values = new Float32Array(size);
  for (let index = 0; index < size; index++) values[index] = random.normal() * deviation;
  return values;
}

/** Values drawn from a normal distribution with mean 0, as the last layers of detectors have them. */
export function normalWith(deviation: number): Initialization {
  return (size, _, random) => Float32Array.from({ length: size }, () => random.normal() * deviation);
}
