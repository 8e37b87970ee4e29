import { resnet20 } from '@resnet/weights-cifar10';
import { fetchWeights } from '../fetch-weights.js';
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
  return loadWeights({ name: 'resnet20.safetensors', bytes: await fetchWeights(resnet20, signal) });
}
