/// <reference types="@webgpu/types" />
import { patchProperty } from '@resnet/core';

/** Calls `work`, which looks for the GPU in `navigator`: older Node versions have no `navigator`, and none has its `gpu`. */
export function withNavigatorGpu<T>(gpu: GPU, work: () => T): T {
  const restore = patchProperty(globalThis, 'navigator', () => ({ gpu }) as Navigator);
  try {
    return work();
  } finally {
    restore();
  }
}
