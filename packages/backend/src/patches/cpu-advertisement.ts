import type { KernelBackend } from '@tensorflow/tfjs-core';

/** tfjs's backend `cpu` prints an advertisement for tfjs-node at its first write. */
export function withoutAdvertisement(backend: KernelBackend): void {
  (backend as KernelBackend & { firstUse?: boolean }).firstUse = false;
}
