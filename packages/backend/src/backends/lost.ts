import { ResnetError } from '@resnet/core';

/** The error of every operation on a backend whose GPU is lost or has failed. */
export function backendLost(backend: string, reason: string): ResnetError {
  return new ResnetError(
    'BACKEND_LOST',
    `The ${backend} backend has lost its GPU, and all tensors with it: ${reason.replace(/\.$/, '')}. Start a backend again; training goes on from its last checkpoint.`,
  );
}
