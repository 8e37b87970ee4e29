import { ResnetError } from '@resnet/core';
import { resnet20 } from '@resnet/weights-cifar10';
import type { Context } from '../handler.js';
import { type NetworkReport, reportOf } from '../network-report.js';
import { openNetwork } from '../session.js';

/** Opens the weights of a file: safetensors, or a state dict saved by PyTorch. */
export async function loadWeights({
  name,
  bytes,
}: {
  name: string;
  bytes: ArrayBuffer;
}): Promise<NetworkReport> {
  return reportOf(await openNetwork({ name, bytes: new Uint8Array(bytes) }));
}

/** Opens the weights that the page brings: ResNet-20 for CIFAR-10. */
export async function loadBuiltIn(_: Record<never, never>, { signal }: Context): Promise<NetworkReport> {
  let bytes: ArrayBuffer;
  try {
    const response = await fetch(resnet20, { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
    bytes = await response.arrayBuffer();
  } catch (cause) {
    const message = `The built-in weights could not be loaded (${(cause as Error).message}). Open a file of weights instead.`;
    throw new ResnetError('WEIGHTS_MISSING', message, { cause });
  }
  return loadWeights({ name: 'resnet20.safetensors', bytes });
}
