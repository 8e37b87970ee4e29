import { patchProperty } from '@resnet/core';

/**
 * tfjs uses at most half of the logical cores, too few where each is a physical core. It counts them while its module is
 * instantiated.
 */
export function claimLogicalCores(count: number, end: AbortSignal): void {
  end.addEventListener(
    'abort',
    patchProperty(navigator, 'hardwareConcurrency', () => count),
  );
}
