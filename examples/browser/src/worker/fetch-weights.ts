import { ResnetError } from '@resnet/core';

/** Fetches weights that the page brings. @throws WEIGHTS_MISSING */
export async function fetchWeights(url: string | URL, signal: AbortSignal): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
    return await response.arrayBuffer();
  } catch (cause) {
    const message = `The built-in weights could not be loaded (${(cause as Error).message}). Open a file of weights instead.`;
    throw new ResnetError('WEIGHTS_MISSING', message, { cause });
  }
}
