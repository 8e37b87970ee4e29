/// <reference types="@webgpu/types" />
import { patchProperty } from '@resnet/core';

/** Does what looks for the GPU in `navigator`, which Node has not, or without one. */
export function withNavigatorGpu<T>(gpu: GPU, work: () => T): T {
  const restore = patchProperty(globalThis, 'navigator', () => ({ gpu }) as Navigator);
  try {
    return work();
  } finally {
    restore();
  }
}
