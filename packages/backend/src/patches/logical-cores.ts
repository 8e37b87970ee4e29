import { patchProperty } from '@resnet/core';

/**
 * tfjs uses at most half of the logical cores, which is too few where each is a whole core. It counts them while its module is
 * instantiated.
 */
export function claimLogicalCores(count: number, end: AbortSignal): void {
  end.addEventListener(
    'abort',
    patchProperty(navigator, 'hardwareConcurrency', () => count),
  );
}
