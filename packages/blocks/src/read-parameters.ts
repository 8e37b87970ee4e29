import type { Parameter } from './parameter.js';
import type { StateDict } from './state-dict.js';

/**
 * Copies of the values of parameters, in their order, all as they are at the moment of the call: every read begins before the
 * first is awaited.
 */
export async function readParameters(
  parameters: Iterable<readonly [name: string, parameter: Parameter]>,
): Promise<StateDict> {
  const reads = Array.from(parameters, async ([name, parameter]) => [name, await parameter.read()] as const);
  return new Map(await Promise.all(reads));
}
